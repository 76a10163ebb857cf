import { encodedWidth } from '../../bundle/column-encoding.ts';
import type { Scaling } from '../../bundle/manifest.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { canonical } from './canonical.ts';
import { decoded, encoded } from './columns.ts';

/** How many raw values a sample has of which the model sees `width` numbers, and the other way round. */
export const rawWidth = (width: number, scaling: Scaling): number =>
  scaling.kind === 'columns' ? scaling.columns.length : width;
export const widthOf = (features: number, scaling: Scaling): number =>
  scaling.kind === 'columns' ? encodedWidth(scaling.columns) : features;

/**
 * Raw values (N × features) in the units of training (N × encoded): (raw − offset) / unit, images then in their
 * canonical pose, or by columns.
 */
export function scaled(graph: Graph, raw: Value, scaling: Scaling): Value {
  if (scaling.kind === 'columns') return encoded(graph, raw, scaling.columns);
  const { offset, unit } = affine(graph, scaling);
  const centred = offset ? graph.sub(raw, offset) : raw;
  const x = unit ? graph.mul(centred, unit.inverse) : centred;
  return scaling.kind === 'range' && scaling.canonical ? canonical(graph, x, scaling.canonical) : x;
}

/** The reverse of {@link scaled}; of images in a canonical pose, values in raw units in that pose. */
export function unscaled(graph: Graph, x: Value, scaling: Scaling): Value {
  if (scaling.kind === 'columns') return decoded(graph, x, scaling.columns);
  const { offset, unit } = affine(graph, scaling);
  const stretched = unit ? graph.mul(x, unit.value) : x;
  return offset ? graph.add(stretched, offset) : stretched;
}

function affine(graph: Graph, scaling: Exclude<Scaling, { kind: 'columns' }>) {
  if (scaling.kind === 'range') {
    const { low, high } = scaling;
    const width = high - low;
    return {
      offset: low === 0 ? undefined : graph.constant(low),
      unit: width === 1 ? undefined : { value: graph.constant(width), inverse: graph.constant(1 / width) },
    };
  }
  const vector = (values: number[]) => graph.constant(Float32Array.from(values), [values.length]);
  return {
    offset: vector(scaling.mean),
    unit: { value: vector(scaling.deviation), inverse: vector(scaling.deviation.map((d) => 1 / d)) },
  };
}

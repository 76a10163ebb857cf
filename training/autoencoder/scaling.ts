import { encodedWidth } from '../../bundle/column-encoding.ts';
import type { Scaling } from '../../bundle/manifest.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { canonicalise } from './canonical.ts';
import { decodeColumns } from './decode-columns.ts';
import { encodeColumns } from './encode-columns.ts';

/** The number of raw values in a sample of which the model sees `width` numbers, and the other way round. */
export const rawWidthOf = (width: number, scaling: Scaling): number =>
  scaling.kind === 'columns' ? scaling.columns.length : width;
export const encodedWidthOf = (features: number, scaling: Scaling): number =>
  scaling.kind === 'columns' ? encodedWidth(scaling.columns) : features;

/**
 * Turns raw values (N × features) into the units of training (N × encoded): (raw − offset) / unit, followed by the
 * canonical pose for images; or column by column for tables.
 */
export function scaleSamples(graph: Graph, raw: Value, scaling: Scaling): Value {
  if (scaling.kind === 'columns') return encodeColumns(graph, raw, scaling.columns);
  const { offset, unit } = buildAffine(graph, scaling);
  const centred = offset ? graph.sub(raw, offset) : raw;
  const x = unit ? graph.mul(centred, unit.inverse) : centred;
  return scaling.kind === 'range' && scaling.canonical ? canonicalise(graph, x, scaling.canonical) : x;
}

/** The reverse of {@link scaleSamples}. Images keep their canonical pose. */
export function unscaleSamples(graph: Graph, x: Value, scaling: Scaling): Value {
  if (scaling.kind === 'columns') return decodeColumns(graph, x, scaling.columns);
  const { offset, unit } = buildAffine(graph, scaling);
  const stretched = unit ? graph.mul(x, unit.value) : x;
  return offset ? graph.add(stretched, offset) : stretched;
}

function buildAffine(graph: Graph, scaling: Exclude<Scaling, { kind: 'columns' }>) {
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

import type { Architecture, Column } from '../../bundle/training.ts';
import type { Layer } from '../network/layers.ts';
import type { AverageSpec, ParameterSpec, Scope } from '../network/scope.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { buildConvolutionalLayers } from './convolutional.ts';
import { buildDenseLayers } from './dense.ts';

/** An {@link Architecture} whose parameters have not been counted. */
export type Blueprint =
  | Omit<Extract<Architecture, { kind: 'dense' }>, 'parameters'>
  | Omit<Extract<Architecture, { kind: 'convolutional' }>, 'parameters'>;

/** What an encoder gives for a sample: its code and, if it is variational, the log-variance around it. */
export interface Encoding {
  /** N × code: the code, or the mean of its distribution. */
  code: Value;
  /** N × code */
  logVariance?: Value;
}

export const isGaussian = (encoding: Encoding): encoding is Required<Encoding> => !!encoding.logVariance;

/** An autoencoder of any architecture, as layers that can be added to a graph. */
export class Autoencoder {
  readonly blueprint: Blueprint;
  readonly features: number;
  readonly #encoder: readonly Layer[];
  readonly #decoder: readonly Layer[];

  /** Throws a RangeError if the architecture does not fit together. */
  constructor(blueprint: Blueprint) {
    this.blueprint = blueprint;
    this.features =
      blueprint.kind === 'dense' ? blueprint.widths[0] : blueprint.shape.reduce((a, b) => a * b, 1);
    const { output, columns, variational } = blueprint;
    const wide = columns.reduce((sum, column) => sum + columnWidth(column), 0);
    if (output === 'columns' && wide !== this.features) {
      throw new RangeError(`the columns take ${wide} features, but a sample has ${this.features}`);
    }
    const heads = { code: variational ? 2 : 1, output: output === 'gaussian' ? 2 : 1 };
    const { encoder, decoder } =
      blueprint.kind === 'dense'
        ? buildDenseLayers(blueprint, heads)
        : buildConvolutionalLayers(blueprint, heads);
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  get code(): number {
    return this.blueprint.code;
  }

  get layers(): readonly Layer[] {
    return [...this.#encoder, ...this.#decoder];
  }

  get parameters(): ParameterSpec[] {
    return this.layers.flatMap((layer) => layer.parameters);
  }

  get averages(): AverageSpec[] {
    return this.layers.flatMap((layer) => layer.averages);
  }

  /**
   * Floating-point operations per sample that a training step spends on matrix products, where a multiply-add counts
   * as two: forward, the gradient by the weights, and the gradient by the inputs of all layers but the first.
   */
  get trainingFlops(): number {
    const products = this.layers.map((layer) => layer.products).filter((count) => count > 0);
    return 2 * products.reduce((sum, count, i) => sum + (i === 0 ? 2 : 3) * count, 0);
  }

  /** The architecture in full, with its parameters counted. */
  get architecture(): Architecture {
    const parameters = this.parameters.reduce((sum, { shape }) => sum + size(shape), 0);
    return { ...this.blueprint, parameters };
  }

  /** x: N × features, in the units of training. */
  encode(scope: Scope, x: Value): Encoding {
    const found = this.#encoder.reduce((value, layer) => layer.apply(scope, value), x);
    if (!this.blueprint.variational) return { code: found };
    const [code, logVariance] = splitHalves(scope.graph, found);
    return {
      code,
      logVariance: scope.graph.clip(logVariance, -LOG_VARIANCE, LOG_VARIANCE),
    };
  }

  /** code: N × code. Returns what the loss takes, N × features, or N × 2·features for a Gaussian output. */
  decode(scope: Scope, code: Value): Value {
    return this.#decoder.reduce((value, layer) => layer.apply(scope, value), code);
  }

  /** Turns the output of {@link decode} into the reconstruction, N × features in the units of training. */
  reconstruct(graph: Graph, decoded: Value): Value {
    const { output, columns } = this.blueprint;
    if (output === 'sigmoid') return graph.sigmoid(decoded);
    if (output === 'softmax') return graph.softmax(decoded);
    if (output === 'gaussian') return splitHalves(graph, decoded)[0];
    if (output === 'columns') {
      const parts = groupColumns(columns).map(({ kind, from, to }) => {
        const part = sliceColumns(graph, decoded, from, to);
        if (kind === 'number') return part;
        return kind === 'flag' ? graph.sigmoid(part) : graph.softmax(part);
      });
      return graph.concat(parts, 1);
    }
    return decoded;
  }
}

/** Splits a matrix that holds mean and log-variance side by side. */
export function splitHalves(graph: Graph, x: Value): [Value, Value] {
  const half = (x.shape[1] as number) / 2;
  return [sliceColumns(graph, x, 0, half), sliceColumns(graph, x, half, 2 * half)];
}

/** Columns `from` to before `to` of a matrix. */
export function sliceColumns(graph: Graph, x: Value, from: number, to: number): Value {
  if (from === 0 && to === x.shape[1]) return x;
  return graph.slice(x, from, to, 1);
}

export const columnWidth = (column: Column): number => (typeof column === 'string' ? 1 : column.categories);

/** Groups neighbouring numbers and neighbouring flags; each category column is a group of its own. */
export function groupColumns(columns: readonly Column[]) {
  const runs: { kind: 'number' | 'flag' | 'category'; from: number; to: number }[] = [];
  let from = 0;
  for (const column of columns) {
    const kind = typeof column === 'string' ? column : 'category';
    const to = from + columnWidth(column);
    const last = runs.at(-1);
    if (kind !== 'category' && last?.kind === kind) last.to = to;
    else runs.push({ kind, from, to });
    from = to;
  }
  return runs;
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Bounds the variance of a code to e^±10, so that no step makes it infinite or 0. */
const LOG_VARIANCE = 10;

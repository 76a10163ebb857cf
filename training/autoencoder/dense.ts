import type { Graph, Value } from '../onnx/graph.ts';

/** One parameter tensor: `layer` names it, `fanIn` scales its first values (0: starts at zero). */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fanIn: number;
}

/** Parameters by name, as values of a graph: inputs while training, constants once exported. */
export type ParameterValues = ReadonlyMap<string, Value>;

/**
 * A fully connected autoencoder: widths from input over code to output, such as
 * 784-512-128-64-128-512-784. Hidden layers are ReLU, the code and the output are linear
 * (the output being the logits of a sigmoid).
 */
export class DenseAutoencoder {
  readonly widths: readonly number[];
  /** The number of layers in the encoder: its last one gives the code. */
  readonly depth: number;

  /** Throws a RangeError if the widths do not form an autoencoder with one narrowest layer inside. */
  constructor(widths: readonly number[]) {
    const narrowest = Math.min(...widths);
    this.depth = widths.indexOf(narrowest);
    const inner = this.depth > 0 && this.depth < widths.length - 1;
    if (!inner || widths[0] !== widths.at(-1) || widths.lastIndexOf(narrowest) !== this.depth) {
      throw new RangeError(
        `widths ${widths.join('-')}: the first and last must be equal, and one inner layer the narrowest (the code)`,
      );
    }
    this.widths = widths;
  }

  get features(): number {
    return this.widths[0];
  }

  get code(): number {
    return this.widths[this.depth];
  }

  /** Weights are in × out, row-major, so that a layer is x·W + b. */
  parameters(): ParameterSpec[] {
    return this.widths.slice(1).flatMap((out, i) => [
      { name: `W${i}`, shape: [this.widths[i], out], fanIn: this.widths[i] },
      { name: `b${i}`, shape: [out], fanIn: 0 },
    ]);
  }

  /** x: N × features, scaled to 0..1. Returns the code, N × code. */
  encode(graph: Graph, x: Value, parameters: ParameterValues): Value {
    return this.#layers(graph, x, parameters, 0, this.depth);
  }

  /** code: N × code. Returns the logits of the reconstruction, N × features. */
  decode(graph: Graph, code: Value, parameters: ParameterValues): Value {
    return this.#layers(graph, code, parameters, this.depth, this.widths.length - 1);
  }

  /** Layers `from` to `to`, all but the last of them followed by a ReLU. */
  #layers(graph: Graph, x: Value, parameters: ParameterValues, from: number, to: number): Value {
    let y = x;
    for (let i = from; i < to; i++) {
      y = graph.op('Gemm', [y, parameters.get(`W${i}`)!, parameters.get(`b${i}`)!]);
      if (i < to - 1) y = graph.op('Relu', [y]);
    }
    return y;
  }
}

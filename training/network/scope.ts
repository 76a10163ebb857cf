import type { Graph, Shape, Value } from '../onnx/graph/graph.ts';
import { GraphError } from '../onnx/ir/error.ts';
import type { Initial } from './initialisation.ts';

/** A parameter tensor: how its initial values are drawn, and whether weight decay applies to it. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** A number fills the tensor; otherwise values are drawn for a layer with these fans and this activation. */
  readonly initial: number | Initial;
  readonly decay: boolean;
}

/** A running average of a batch statistic: kept with the parameters, but not trained. */
export interface AverageSpec {
  readonly name: string;
  readonly size: number;
  readonly initial: number;
}

/** Random numbers that the host draws for each run of a graph; the first dimension is the batch. */
export interface NoiseSpec {
  readonly name: string;
  readonly kind: 'uniform' | 'normal';
  /** Numbers per sample. */
  readonly columns: number;
}

/** What layers need while they are added to a graph: parameters by name, noise, and whether it is for training. */
export class Scope {
  readonly graph: Graph;
  /** Whether dropout is active and normalisation uses the statistics of the batch. */
  readonly training: boolean;
  readonly noise: NoiseSpec[] = [];
  /** The statistics of the batch, by the name of the average they go into. */
  readonly statistics = new Map<string, Value>();
  readonly #values: ReadonlyMap<string, Value>;

  constructor(graph: Graph, values: ReadonlyMap<string, Value>, training: boolean) {
    this.graph = graph;
    this.#values = values;
    this.training = training;
  }

  /** A parameter or running average: an input during training, a constant in an exported graph. */
  value(name: string): Value {
    const found = this.#values.get(name);
    if (!found) throw new GraphError(`no value is given for ${name}`);
    return found;
  }

  /** Declares an input of random numbers, N × the rest of `shape`. */
  random(kind: NoiseSpec['kind'], shape: Shape): Value {
    const name = `noise:${this.noise.length}`;
    const columns = shape.slice(1).reduce<number>((product, d) => product * (d as number), 1);
    this.noise.push({ name, kind, columns });
    const flat = this.graph.input(name, ['N', columns]);
    return shape.length === 2 ? flat : this.graph.reshape(flat, [0, ...(shape.slice(1) as number[])]);
  }
}

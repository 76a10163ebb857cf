import { GraphError } from './error.ts';

/** A dimension: a size, or the name of one that is known only when the graph runs (the batch: `'N'`). */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type DataType = 'float32' | 'int64' | 'bool';

/** Numbers, lists of whole numbers, words, or a float32 tensor of one dimension. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | Float32Array>>;

export type TensorType = { shape: Shape; type: DataType };

/** A tensor in a graph: what it is called and holds, its data if it is constant, the node that makes it. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly type: DataType;
  readonly data?: Float32Array | BigInt64Array;
  readonly node?: Node;
}

/** An operation in a graph; `op` names its entry in `ops/registry.ts`. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** Of the graph, when it was appended. */
  readonly pass: number;
}

/**
 * A dataflow graph under construction. Nodes are only ever appended, so that `nodes` is always in an
 * order in which they can run. What an operator makes of its inputs is left to {@link infer}, so that the
 * operators can be written in terms of this class.
 */
export abstract class GraphBuilder {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  /** How many times gradients have been taken: in the end, the nodes of the last pass are the backward pass. */
  pass = 0;
  readonly #prefix: string;
  #names = 0;

  /** `prefix` starts the name of every value, so that graphs can be put together. */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  /** Declares an input that the caller feeds. */
  input(name: string, shape: Shape, type: DataType = 'float32'): Value {
    const value = { name, shape, type };
    this.inputs.push(value);
    return value;
  }

  /** A float32 constant: a number for a scalar, else its data (row-major) and shape. */
  constant(data: number | Float32Array, shape: readonly number[] = []): Value {
    const values = typeof data === 'number' ? Float32Array.of(data) : data;
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== values.length)
      throw new GraphError(`constant of shape [${shape}] given ${values.length} values`);
    return { name: this.#name('constant'), shape, type: 'float32', data: values };
  }

  /** A constant int64 vector: axes, indices. */
  integers(data: readonly number[]): Value {
    const values = BigInt64Array.from(data, BigInt);
    return { name: this.#name('integers'), shape: [data.length], type: 'int64', data: values };
  }

  /** Appends an operation and returns its outputs. Throws a {@link GraphError} if the inputs do not fit. */
  ops(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value[] {
    return this.append(op, inputs, attributes);
  }

  /** As {@link ops}, and the operation just as it is, where a graph that is being cleaned would write another. */
  append(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value[] {
    const outputs = this.infer(op, inputs, attributes).map((type) => ({ name: this.#name(op), ...type }));
    const node: Node = { op, inputs, attributes, outputs, pass: this.pass };
    this.nodes.push(node);
    return outputs.map((output) => Object.assign(output, { node }));
  }

  /** As {@link ops}, of an operator with one output, or whose first output is all that is wanted. */
  op(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.ops(op, inputs, attributes)[0];
  }

  /** Names a value as an output of the graph. */
  output(name: string, value: Value): void {
    this.outputs.set(name, value);
  }

  /** The shape and type of each output of an operator. Throws a {@link GraphError} if the inputs do not fit. */
  protected abstract infer(op: string, inputs: readonly Value[], attributes: Attributes): TensorType[];

  #name(kind: string): string {
    return `${this.#prefix}${kind}_${this.#names++}`;
  }
}

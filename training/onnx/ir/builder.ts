import { GraphError } from './error.ts';

/** A dimension: a size, or the name of a size that is known only when the graph runs, such as `'N'` for the batch. */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type DataType = 'float32' | 'int64' | 'bool';

/** Numbers, lists of whole numbers, strings, or float32 vectors. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | Float32Array>>;

export type TensorType = { shape: Shape; type: DataType };

/** A tensor in a graph: its name and type, its data if it is constant, and the node that computes it. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly type: DataType;
  readonly data?: Float32Array | BigInt64Array;
  readonly node?: Node;
}

/** A value, or a number for a scalar constant. */
export type Operand = Value | number;

/** Whole numbers, such as axes: as an array, or as an int64 vector in the graph. */
type Integers = readonly number[] | Value;

type Flag = boolean | number;

/** TensorProto.DataType, as the attribute `to` of Cast. */
export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

/** An operation in a graph; `op` names its entry in `ops/registry.ts`. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** The pass of the graph when the node was appended. */
  readonly pass: number;
}

/**
 * A dataflow graph under construction. Nodes are only appended, so `nodes` is always in topological order. Shapes are
 * left to {@link infer}, so that the operators can be written in terms of this class.
 */
export abstract class GraphBuilder {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  /** How many times gradients have been taken: the nodes of the last pass are the backward pass. */
  pass = 0;
  readonly #prefix: string;
  #names = 0;

  /** `prefix` starts the name of every value, so that graphs can be merged. */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  /** Declares an input that the caller feeds. */
  input(name: string, shape: Shape, type: DataType = 'float32'): Value {
    const value = { name, shape, type };
    this.inputs.push(value);
    return value;
  }

  /** A float32 constant: a number for a scalar, otherwise its data (row-major) and shape. */
  constant(data: number | Float32Array, shape: readonly number[] = []): Value {
    const values = typeof data === 'number' ? Float32Array.of(data) : data;
    const size = shape.reduce((a, b) => a * b, 1);
    if (size !== values.length)
      throw new GraphError(`a constant of shape [${shape}] cannot hold ${values.length} values`);
    return { name: this.#name('constant'), shape, type: 'float32', data: values };
  }

  /** A constant int64 vector: axes, indices. */
  integers(data: readonly number[]): Value {
    const values = BigInt64Array.from(data, BigInt);
    return { name: this.#name('integers'), shape: [data.length], type: 'int64', data: values };
  }

  /** Appends an operation by its name and returns its outputs. Throws a {@link GraphError} if the inputs do not fit. */
  ops(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value[] {
    return this.append(op, inputs, attributes);
  }

  /** Like {@link ops}, but never rewrites the operation, as `ops` does in a graph that is being cleaned. */
  append(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value[] {
    const outputs = this.infer(op, inputs, attributes).map((type) => ({ name: this.#name(op), ...type }));
    const node: Node = { op, inputs, attributes, outputs, pass: this.pass };
    this.nodes.push(node);
    return outputs.map((output) => Object.assign(output, { node }));
  }

  /** Like {@link ops}, but returns only the first output. */
  op(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.ops(op, inputs, attributes)[0];
  }

  /** Element-wise, with broadcasting; a number stands for a scalar constant. */
  add(a: Operand, b: Operand): Value {
    return this.#elementwise('Add', a, b);
  }
  sub(a: Operand, b: Operand): Value {
    return this.#elementwise('Sub', a, b);
  }
  mul(a: Operand, b: Operand): Value {
    return this.#elementwise('Mul', a, b);
  }
  div(a: Operand, b: Operand): Value {
    return this.#elementwise('Div', a, b);
  }
  pow(a: Operand, b: Operand): Value {
    return this.#elementwise('Pow', a, b);
  }
  max(a: Operand, b: Operand): Value {
    return this.#elementwise('Max', a, b);
  }
  min(a: Operand, b: Operand): Value {
    return this.#elementwise('Min', a, b);
  }
  /** x² */
  square(x: Value): Value {
    return this.mul(x, x);
  }
  clip(x: Value, least: Operand, most: Operand): Value {
    return this.#elementwise('Clip', x, least, most);
  }

  /** Booleans, for {@link where}; {@link toFloat} turns them into 0 and 1. */
  equal(a: Operand, b: Operand): Value {
    return this.#elementwise('Equal', a, b);
  }
  greater(a: Operand, b: Operand): Value {
    return this.#elementwise('Greater', a, b);
  }
  greaterOrEqual(a: Operand, b: Operand): Value {
    return this.#elementwise('GreaterOrEqual', a, b);
  }
  isNaN(x: Value): Value {
    return this.op('IsNaN', [x]);
  }
  where(condition: Value, a: Operand, b: Operand): Value {
    return this.#elementwise('Where', condition, a, b);
  }
  toFloat(x: Value): Value {
    return this.op('Cast', [x], { to: FLOAT });
  }
  /** Rounds towards zero, for use as an index. */
  toInteger(x: Value): Value {
    return this.op('Cast', [x], { to: INT64 });
  }
  /** Whether x is not 0. */
  toBool(x: Value): Value {
    return this.op('Cast', [x], { to: BOOL });
  }

  neg(x: Value): Value {
    return this.op('Neg', [x]);
  }
  abs(x: Value): Value {
    return this.op('Abs', [x]);
  }
  sign(x: Value): Value {
    return this.op('Sign', [x]);
  }
  floor(x: Value): Value {
    return this.op('Floor', [x]);
  }
  sqrt(x: Value): Value {
    return this.op('Sqrt', [x]);
  }
  exp(x: Value): Value {
    return this.op('Exp', [x]);
  }
  log(x: Value): Value {
    return this.op('Log', [x]);
  }
  sin(x: Value): Value {
    return this.op('Sin', [x]);
  }
  cos(x: Value): Value {
    return this.op('Cos', [x]);
  }
  erf(x: Value): Value {
    return this.op('Erf', [x]);
  }
  relu(x: Value): Value {
    return this.op('Relu', [x]);
  }
  sigmoid(x: Value): Value {
    return this.op('Sigmoid', [x]);
  }
  softmax(x: Value, axis = -1): Value {
    return this.op('Softmax', [x], { axis });
  }
  logSoftmax(x: Value): Value {
    return this.op('LogSoftmax', [x]);
  }
  /** Between logits and targets, both N × features: [N]. */
  binaryCrossEntropy(logits: Value, target: Value): Value {
    return this.op('BinaryCrossEntropy', [logits, target]);
  }
  categoricalCrossEntropy(logits: Value, target: Value): Value {
    return this.op('CategoricalCrossEntropy', [logits, target]);
  }

  /** Reduces over the axes, which are removed, or kept as 1 with `keepdims`. */
  reduceSum(x: Value, axes: Integers, keepdims: Flag = false): Value {
    return this.op('ReduceSum', [x, this.#integersOf(axes)], { keepdims: Number(keepdims) });
  }
  reduceMean(x: Value, axes: readonly number[], keepdims: Flag = false): Value {
    return this.op('ReduceMean', [x], { axes, keepdims: Number(keepdims) });
  }
  reduceMax(x: Value, axes: readonly number[], keepdims: Flag = false): Value {
    return this.op('ReduceMax', [x], { axes, keepdims: Number(keepdims) });
  }

  /** a · b, for two matrices or two stacks of matrices. */
  matMul(a: Value, b: Value): Value {
    return this.op('MatMul', [a, b]);
  }
  /** a · b + bias, for two matrices, each transposed on request. */
  gemm(
    a: Value,
    b: Value,
    { bias, transA, transB }: { bias?: Value; transA?: Flag; transB?: Flag } = {},
  ): Value {
    const inputs = bias ? [a, b, bias] : [a, b];
    return this.op('Gemm', inputs, {
      ...(transA !== undefined && { transA: Number(transA) }),
      ...(transB !== undefined && { transB: Number(transB) }),
    });
  }

  /** The same values with other dimensions: 0 keeps one, -1 takes what is left. */
  reshape(x: Value, dims: Integers): Value {
    return this.op('Reshape', [x, this.#integersOf(dims)]);
  }
  transpose(x: Value, perm: readonly number[]): Value {
    return this.op('Transpose', [x], { perm });
  }
  /** Adds dimensions of 1 at these axes of the result. */
  unsqueeze(x: Value, axes: Integers): Value {
    return this.op('Unsqueeze', [x, this.#integersOf(axes)]);
  }
  squeeze(x: Value, axes: Integers): Value {
    return this.op('Squeeze', [x, this.#integersOf(axes)]);
  }
  expand(x: Value, dims: Value): Value {
    return this.op('Expand', [x, dims]);
  }
  /** The dimensions of x from `start` to before `end`; all by default. */
  shape(x: Value, range: { start?: number; end?: number } = {}): Value {
    return this.op('Shape', [x], { ...range });
  }
  concat(parts: readonly Value[], axis: number): Value {
    return parts.length === 1 ? parts[0] : this.op('Concat', parts, { axis });
  }
  /** The range along `axis` from `from` to before `to`. */
  slice(x: Value, from: number, to: number, axis: number): Value {
    return this.op('Slice', [x, ...[from, to, axis].map((i) => this.integers([i]))]);
  }
  gather(x: Value, indices: Value, axis = 0): Value {
    return this.op('Gather', [x, indices], { axis });
  }
  /** The k largest values along the last axis, or the smallest, and their indices, in order unless `sorted` is false. */
  topK(
    x: Value,
    k: number | Value,
    { largest = true, sorted }: { largest?: boolean; sorted?: boolean } = {},
  ): { values: Value; indices: Value } {
    const count = typeof k === 'number' ? this.integers([k]) : k;
    const [values, indices] = this.ops('TopK', [x, count], {
      largest: Number(largest),
      ...(sorted !== undefined && { sorted: Number(sorted) }),
    });
    return { values, indices };
  }

  /** Names a value as an output of the graph. */
  output(name: string, value: Value): void {
    this.outputs.set(name, value);
  }

  /** The shape and type of each output of an operator. Throws a {@link GraphError} if the inputs do not fit. */
  protected abstract infer(op: string, inputs: readonly Value[], attributes: Attributes): TensorType[];

  #elementwise(op: string, ...operands: Operand[]): Value {
    return this.op(
      op,
      operands.map((operand) => (typeof operand === 'number' ? this.constant(operand) : operand)),
    );
  }

  #integersOf(values: Integers): Value {
    return 'name' in values ? values : this.integers(values);
  }

  #name(kind: string): string {
    return `${this.#prefix}${kind}_${this.#names++}`;
  }
}

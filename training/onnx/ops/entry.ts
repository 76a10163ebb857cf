import type { Attributes, Dim, GraphBuilder, Shape, TensorType, Value } from '../ir/builder.ts';
import { GraphError } from '../ir/error.ts';

/** What a gradient rule gets: its node, and the gradient of the loss with respect to the output. */
export interface Backward {
  graph: GraphBuilder;
  inputs: readonly Value[];
  /** The first output. */
  output: Value;
  /** All outputs, so that a rule can reuse what the forward pass has computed. */
  outputs: readonly Value[];
  attributes: Attributes;
  /** Has the shape of `output`. */
  gradient: Value;
}

/**
 * Everything about one operator: to add an operator, add an entry. It is the ONNX operator (opset 17) with the same
 * name unless `lower` is given. Without `gradient` it cannot be differentiated.
 */
export interface Op {
  /** The shape and type of each output. Throws a {@link GraphError} if the inputs do not fit. */
  infer(inputs: readonly Value[], attributes: Attributes): TensorType | TensorType[];
  /** The gradients of the first output with respect to the inputs, in order; null where none flows. */
  gradient?(backward: Backward): (Value | null)[];
  /** The outputs in terms of other operators, which are written instead. */
  lower?(graph: GraphBuilder, inputs: readonly Value[], attributes: Attributes): Value | Value[];
  /** The attributes that are floats in ONNX; all other numbers are integers. */
  floats?: readonly string[];
  /** Where the first output can be stored: over an input that is not used again, or always in place as a reshaped view. */
  storage?: 'inPlace' | 'view';
}

export const floatOf = (shape: Shape): TensorType => ({ shape, type: 'float32' });
export const formatShape = ({ shape }: { shape: Shape }) => `[${shape.join(', ')}]`;

/**
 * onnxruntime gives its threads the columns of a matrix product in groups of 16, and sums differently in a thread with
 * at most 64 of them. With more columns than this, two threads round as one does.
 */
export const FEW_COLUMNS = 144;

/** The storage of an element-wise operator. */
export const inPlace = { storage: 'inPlace' } as const;

/** An element-wise operator with one input. */
export function unary(gradient?: (backward: Backward) => Value): Op {
  return {
    infer: ([x]) => floatOf(x.shape),
    gradient: gradient && ((backward) => [gradient(backward)]),
    ...inPlace,
  };
}

/** The value of a numeric attribute, or its default. */
export const numberOf = (value: Attributes[string] | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

/** The axis counted from the front. Throws a {@link GraphError} if a tensor with `rank` dimensions has no such axis. */
export function resolveAxis(op: string, axis: number, rank: number): number {
  if (!(axis >= -rank && axis < rank)) throw new GraphError(`${op}: ${rank} dimensions have no axis ${axis}`);
  return axis < 0 ? axis + rank : axis;
}

/** The shape of an element-wise result, by NumPy's broadcasting rules. */
export function broadcastShape(op: string, a: { shape: Shape }, b: { shape: Shape }): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const x = a.shape.at(i - rank) ?? 1;
    const y = b.shape.at(i - rank) ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new GraphError(`${op}: ${formatShape(a)} and ${formatShape(b)} do not broadcast`);
  });
}

/** The permutation of a Transpose: `perm`, by default the reversed order. */
export const permutationOf = (x: Value, { perm }: Attributes): readonly number[] =>
  (perm as readonly number[] | undefined) ?? x.shape.map((_, i) => i).reverse();

/** The numbers in a constant int64 vector. */
export function readIntegers(op: string, value: Value): number[] {
  if (!(value?.data instanceof BigInt64Array)) throw new GraphError(`${op}: constant integers are needed`);
  return Array.from(value.data, Number);
}

/** The dimensions in a Shape of x: from `start` to before `end`; all by default. */
export const shapeOf = (x: Value, { start, end }: Attributes): Shape =>
  x.shape.slice(numberOf(start, 0), numberOf(end, x.shape.length));

/** The dimensions that an int64 vector holds when the graph runs: a constant, a Shape, or a Concat of these. */
export function readDimensions(op: string, value: Value): Shape {
  if (value.data) return readIntegers(op, value);
  const { node } = value;
  if (node?.op === 'Shape') return shapeOf(node.inputs[0], node.attributes);
  if (node?.op === 'Concat') return node.inputs.flatMap((part) => readDimensions(op, part));
  throw new GraphError(`${op}: the dimensions must be constant or the Shape of a value`);
}

/** The shape after `axes` are reduced. */
export function reduceShape(op: string, shape: Shape, axes: readonly number[], keepdims: unknown): Shape {
  const reduced = axes.map((axis) => resolveAxis(op, axis, shape.length));
  return shape.flatMap((d, i): Dim[] => (reduced.includes(i) ? (keepdims ? [1] : []) : [d]));
}

/** The number of elements of x along `axes`, as a scalar. */
export function countAlong(graph: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const along = axes.map((axis) => resolveAxis('count', axis, x.shape.length));
  return along.reduce((size, axis) => {
    const dim = x.shape[axis];
    if (typeof dim === 'number') return graph.mul(size, dim);
    const length = graph.shape(x, { start: axis, end: axis + 1 });
    return graph.mul(reshape(graph, graph.toFloat(length), []), size);
  }, graph.constant(1));
}

/** Reshapes `x`; one dimension may be named. */
export function reshape(graph: GraphBuilder, x: Value, shape: Shape): Value {
  if (formatShape(x) === formatShape({ shape })) return x;
  const target = shape.map((d, i) => (typeof d === 'number' ? d : d === x.shape[i] ? 0 : -1));
  return graph.reshape(x, target);
}

/**
 * Sums a gradient over the axes along which `value` was broadcast. The columns of a matrix are summed by a product with
 * a row of ones, which is faster in onnxruntime than ReduceSum.
 */
export function unbroadcast(graph: GraphBuilder, gradient: Value, value: Value): Value {
  if (gradient.shape.length === 2 && value.shape.length === 1 && value.shape[0] === gradient.shape[1]) {
    return graph.matMul(onesAlong(graph, gradient), gradient);
  }
  const extra = gradient.shape.length - value.shape.length;
  const stretched = value.shape.flatMap((d, i) =>
    d === 1 && gradient.shape[i + extra] !== 1 ? [i + extra] : [],
  );
  const leading = Array.from({ length: extra }, (_, i) => i);
  let result = gradient;
  if (stretched.length) result = graph.reduceSum(result, stretched, true);
  if (leading.length) result = graph.reduceSum(result, leading);
  return result;
}

/** A vector of ones, as long as the first dimension of `value`. */
export const onesAlong = (graph: GraphBuilder, value: Value): Value =>
  graph.op('ConstantOfShape', [graph.shape(value, { start: 0, end: 1 })], {
    value: Float32Array.of(1),
  });

/** Expands the gradient `g` of a reduction's output `y` over the reduced `axes` to the shape of its input `x`. */
export function expandReduced(graph: GraphBuilder, g: Value, x: Value, y: Value, axes: Value): Value {
  const full = y.shape.length < x.shape.length ? graph.unsqueeze(g, axes) : g;
  return graph.expand(full, graph.shape(x));
}

import { GraphError } from './error.ts';
import type { DataType, Dim, Graph, Shape, Value } from './graph.ts';

/** Whole numbers, lists of them, or a float32 tensor of one dimension. */
export type Attributes = Readonly<Record<string, number | readonly number[] | Float32Array>>;

type TensorType = { shape: Shape; type: DataType };

/** What a gradient rule sees of its node, and the gradient of the loss with respect to the output. */
interface Backward {
  graph: Graph;
  inputs: readonly Value[];
  output: Value;
  attributes: Attributes;
  /** Same shape as `output`. */
  gradient: Value;
}

/**
 * All there is to know about one operator: adding one means adding an entry. It is the ONNX operator
 * (opset 17) of the entry's name, unless `lower` says otherwise; without `gradient` it cannot be
 * differentiated through.
 */
interface Op {
  /** The shape and type of each output. Throws a {@link GraphError} if the inputs do not fit. */
  infer(inputs: readonly Value[], attributes: Attributes): TensorType | TensorType[];
  /** The gradients of the first output with respect to the inputs, in order; null where none flows. */
  gradient?(backward: Backward): (Value | null)[];
  /** The output by way of other operators, which are written instead. */
  lower?(graph: Graph, inputs: readonly Value[]): Value;
}

const float = (shape: Shape): TensorType => ({ shape, type: 'float32' });
const text = ({ shape }: { shape: Shape }) => `[${shape.join(', ')}]`;

/** The shape of an element-wise result, by NumPy's broadcasting rules. */
function broadcast(op: string, a: { shape: Shape }, b: { shape: Shape }): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const x = a.shape.at(i - rank) ?? 1;
    const y = b.shape.at(i - rank) ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new GraphError(`${op}: ${text(a)} and ${text(b)} do not broadcast`);
  });
}

/** The dimensions of a matrix, swapped on request. */
function matrix(op: string, value: Value, transposed: unknown): readonly Dim[] {
  if (value.shape.length !== 2) throw new GraphError(`${op}: ${text(value)} is not a matrix`);
  return transposed ? value.shape.toReversed() : value.shape;
}

/** The numbers in a constant int64 vector. */
function integers(op: string, value: Value): number[] {
  if (!(value.data instanceof BigInt64Array)) throw new GraphError(`${op}: the axes must be constant`);
  return Array.from(value.data, Number);
}

/** The shape that is left when `axes` are reduced. */
const reduce = (shape: Shape, axes: readonly number[], keepdims: unknown): Shape =>
  shape.flatMap((d, i): Dim[] => (axes.includes(i) ? (keepdims ? [1] : []) : [d]));

/**
 * Sums a gradient back to the shape of `value`, over the axes along which it was broadcast. The columns of
 * a matrix are summed as a product with a row of ones, six times as fast as onnxruntime's ReduceSum.
 */
function unbroadcast(graph: Graph, gradient: Value, value: Value): Value {
  if (gradient.shape.length === 2 && value.shape.length === 1 && value.shape[0] === gradient.shape[1]) {
    return graph.op('MatMul', [onesAlong(graph, gradient), gradient]);
  }
  const extra = gradient.shape.length - value.shape.length;
  const stretched = value.shape.flatMap((d, i) =>
    d === 1 && gradient.shape[i + extra] !== 1 ? [i + extra] : [],
  );
  const leading = Array.from({ length: extra }, (_, i) => i);
  let result = gradient;
  if (stretched.length) result = graph.op('ReduceSum', [result, graph.integers(stretched)], { keepdims: 1 });
  if (leading.length) result = graph.op('ReduceSum', [result, graph.integers(leading)], { keepdims: 0 });
  return result;
}

const onesOf = new WeakMap<Graph, Map<Dim, Value>>();

/** A vector of ones, as long as the first dimension of `value`: one a graph and dimension. */
function onesAlong(graph: Graph, value: Value): Value {
  const known = onesOf.get(graph) ?? new Map<Dim, Value>();
  onesOf.set(graph, known);
  const [dim] = value.shape;
  const length = () => graph.op('Shape', [value], { start: 0, end: 1 });
  const ones = known.get(dim) ?? graph.op('ConstantOfShape', [length()], { value: Float32Array.of(1) });
  known.set(dim, ones);
  return ones;
}

/** The gradient `g` of a reduction's output `y`, spread over the reduced `axes` to the shape of its input `x`. */
function spread(graph: Graph, g: Value, x: Value, y: Value, axes: Value): Value {
  const full = y.shape.length < x.shape.length ? graph.op('Unsqueeze', [g, axes]) : g;
  return graph.op('Expand', [full, graph.op('Shape', [x])]);
}

/** An element-wise operator of two inputs. */
function binary(gradient: Op['gradient']): Op {
  return { infer: ([a, b]) => float(broadcast('element-wise', a, b)), gradient };
}

/** An element-wise operator of one input. */
function unary(gradient?: (backward: Backward) => Value): Op {
  return { infer: ([x]) => float(x.shape), gradient: gradient && ((backward) => [gradient(backward)]) };
}

const entries: Readonly<Record<string, Op>> = {
  /** Y = A·B + c, with A and B transposed on request (`transA`, `transB`). */
  Gemm: {
    infer([a, b, c], { transA, transB }) {
      const [rows, inner] = matrix('Gemm', a, transA);
      const [other, columns] = matrix('Gemm', b, transB);
      if (inner !== other) throw new GraphError(`Gemm: inner dimensions of ${text(a)} and ${text(b)} differ`);
      if (
        c &&
        text({ shape: broadcast('Gemm', { shape: [rows, columns] }, c) }) !== text({ shape: [rows, columns] })
      ) {
        throw new GraphError(`Gemm: bias ${text(c)} does not fit ${text(a)} by ${text(b)}`);
      }
      return float([rows, columns]);
    },
    gradient({ graph, inputs: [a, b, c], attributes: { transA = 0, transB = 0 }, gradient: g }) {
      const gemm = (x: Value, y: Value, tx: boolean, ty: boolean) =>
        graph.op('Gemm', [x, y], { transA: Number(tx), transB: Number(ty) });
      const da = transA ? gemm(b, g, !!transB, true) : gemm(g, b, false, !transB);
      const db = transB ? gemm(g, a, true, !!transA) : gemm(a, g, !transA, false);
      return c ? [da, db, unbroadcast(graph, g, c)] : [da, db];
    },
  },
  Add: binary(({ graph, inputs: [a, b], gradient: g }) => [
    unbroadcast(graph, g, a),
    unbroadcast(graph, g, b),
  ]),
  Sub: binary(({ graph, inputs: [a, b], gradient: g }) => [
    unbroadcast(graph, g, a),
    unbroadcast(graph, graph.op('Neg', [g]), b),
  ]),
  Mul: binary(({ graph, inputs: [a, b], gradient: g }) => [
    unbroadcast(graph, graph.op('Mul', [g, b]), a),
    unbroadcast(graph, graph.op('Mul', [g, a]), b),
  ]),
  /** d(a/b) = da / b − db · (a/b) / b */
  Div: binary(({ graph, inputs: [a, b], output: y, gradient: g }) => {
    const scaled = graph.op('Div', [g, b]);
    const other = graph.op('Neg', [graph.op('Mul', [scaled, y])]);
    return [unbroadcast(graph, scaled, a), unbroadcast(graph, other, b)];
  }),
  Neg: unary(({ graph, gradient: g }) => graph.op('Neg', [g])),
  /** The derivative is 1 where the output is not 0; by way of bool, which onnxruntime does faster than Sign. */
  Relu: unary(({ graph, output: y, gradient: g }) => {
    const step = graph.op('Cast', [graph.op('Cast', [y], { to: BOOL })], { to: FLOAT });
    return graph.op('Mul', [g, step]);
  }),
  Abs: unary(),
  Log: unary(),
  /** y′ = y (1 − y) */
  Sigmoid: unary(({ graph, output: y, gradient: g }) => {
    const slope = graph.op('Mul', [y, graph.op('Sub', [graph.constant(1), y])]);
    return graph.op('Mul', [g, slope]);
  }),
  /** log(1 + eˣ), whose derivative is the sigmoid. */
  Softplus: unary(({ graph, inputs: [x], gradient: g }) => graph.op('Mul', [g, graph.op('Sigmoid', [x])])),
  /**
   * Binary cross-entropy of logits z against targets x in 0..1 (both N × F), summed over F: not an ONNX
   * operator. −x log σ(z) − (1 − x) log(1 − σ(z)) = max(z, 0) − x z − log σ(|z|), and its derivative by z is
   * σ(z) − x. A logarithm costs onnxruntime as much as eight products, so one is taken of the product of
   * several σ(|z|), each of which is at least ½.
   */
  BinaryCrossEntropy: {
    infer([z, x]) {
      if (z.shape.length !== 2 || text(z) !== text(x) || typeof z.shape[1] !== 'number') {
        throw new GraphError(`BinaryCrossEntropy: ${text(z)} and ${text(x)} are not matrices of one shape`);
      }
      return float([z.shape[0]]);
    },
    gradient({ graph, inputs: [z, x], gradient: g }) {
      const column = graph.op('Unsqueeze', [g, graph.integers([1])]);
      const error = graph.op('Sub', [graph.op('Sigmoid', [z]), x]);
      return [graph.op('Mul', [error, column]), graph.op('Neg', [graph.op('Mul', [z, column])])];
    },
    lower(graph, [z, x]) {
      const features = z.shape[1] as number;
      const group = Array.from({ length: 32 }, (_, i) => 32 - i).find((size) => features % size === 0)!;
      const sum = (value: Value) => graph.op('ReduceSum', [value, graph.integers([1])], { keepdims: 0 });
      const linear = graph.op('Sub', [graph.op('Relu', [z]), graph.op('Mul', [x, z])]);
      const sigmoid = graph.op('Sigmoid', [graph.op('Abs', [z])]);
      const grouped = graph.op('Reshape', [sigmoid, graph.integers([0, features / group, group])]);
      const logarithm = graph.op('Log', [graph.op('ReduceProd', [grouped], { axes: [2], keepdims: 0 })]);
      return graph.op('Sub', [sum(linear), sum(logarithm)]);
    },
  },
  /** Sum over the axes in the second input, which is constant. */
  ReduceSum: {
    infer: ([x, axes], { keepdims = 1 }) => float(reduce(x.shape, integers('ReduceSum', axes), keepdims)),
    gradient: ({ graph, inputs: [x, axes], output: y, gradient: g }) => [spread(graph, g, x, y, axes), null],
  },
  /** Mean over the axes in the attribute `axes`. */
  ReduceMean: {
    infer: ([x], { axes, keepdims = 1 }) => float(reduce(x.shape, axes as readonly number[], keepdims)),
    gradient({ graph, inputs: [x], output: y, attributes, gradient: g }) {
      const axes = graph.integers(attributes.axes as readonly number[]);
      const sizes = graph.op('Cast', [graph.op('Gather', [graph.op('Shape', [x]), axes])], { to: FLOAT });
      const count = graph.op('ReduceProd', [sizes], { axes: [0], keepdims: 0 });
      return [spread(graph, graph.op('Div', [g, count]), x, y, axes)];
    },
  },
  ReduceProd: {
    infer: ([x], { axes, keepdims = 1 }) => float(reduce(x.shape, axes as readonly number[], keepdims)),
  },
  /** The dimensions from `start` to before `end`, all unless given. */
  Shape: {
    infer: ([x], { start = 0, end = x.shape.length }) => ({
      shape: [Number(end) - Number(start)],
      type: 'int64',
    }),
  },
  /** A vector as long as the first input says, `value` throughout. */
  ConstantOfShape: {
    infer([length]) {
      const { op, inputs, attributes } = length.node ?? {};
      if (op !== 'Shape' || length.shape[0] !== 1)
        throw new GraphError('ConstantOfShape: one dimension of a Shape is needed');
      return float([inputs![0].shape[Number(attributes!.start)]]);
    },
  },
  /** The product of a vector and a matrix. */
  MatMul: {
    infer([a, b]) {
      if (a.shape.length !== 1 || b.shape.length !== 2 || a.shape[0] !== b.shape[0]) {
        throw new GraphError(`MatMul: a vector and a matrix are needed, got ${text(a)} and ${text(b)}`);
      }
      return float([b.shape[1]]);
    },
  },
  /** The shape in the second input, a constant in which 0 keeps a dimension. */
  Reshape: {
    infer: ([x, shape]) => float(integers('Reshape', shape).map((d, i) => (d === 0 ? x.shape[i] : d))),
  },
  /** Rows of the first input, chosen by a constant index vector. */
  Gather: {
    infer: ([x, indices]) => ({ shape: [...indices.shape, ...x.shape.slice(1)], type: x.type }),
  },
  /** Stretches the first input to the shape in the second, which is the `Shape` of some value. */
  Expand: {
    infer([x, shape]) {
      const target = shape.node?.op === 'Shape' ? shape.node.inputs[0] : undefined;
      if (!target) throw new GraphError('Expand: the second input must be the Shape of a value');
      if (text({ shape: broadcast('Expand', x, target) }) !== text(target)) {
        throw new GraphError(`Expand: ${text(x)} does not stretch to ${text(target)}`);
      }
      return float(target.shape);
    },
  },
  Unsqueeze: {
    infer([x, axes]) {
      const added = integers('Unsqueeze', axes);
      const rest = [...x.shape];
      const rank = rest.length + added.length;
      return float(Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : rest.shift()!)));
    },
  },
  Cast: { infer: ([x], { to }) => ({ shape: x.shape, type: to === FLOAT ? 'float32' : 'bool' }) },
  /** The k largest (or smallest) along the last axis, in order, and their indices; k is constant. */
  TopK: {
    infer([x, k]) {
      const shape = [...x.shape.slice(0, -1), ...integers('TopK', k)];
      return [float(shape), { shape, type: 'int64' }];
    },
  },
  GreaterOrEqual: { infer: ([a, b]) => ({ shape: broadcast('GreaterOrEqual', a, b), type: 'bool' }) },
};

/** The entry of an operator. Throws a {@link GraphError} if there is none. */
export function opEntry(name: string): Op {
  const entry = entries[name];
  if (!entry) throw new GraphError(`there is no operator ${name}`);
  return entry;
}

/** TensorProto.DataType, as the attribute `to` of Cast. */
const FLOAT = 1;
const BOOL = 9;

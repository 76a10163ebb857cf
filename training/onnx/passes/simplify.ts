import type { Attributes, Graph, Value } from '../graph/graph.ts';
import {
  broadcastShape,
  formatShape,
  permutationOf,
  readDimensions,
  reshape,
  shapeOf,
} from '../ops/entry.ts';
import { opEntry } from '../ops/registry.ts';

type Rule = (graph: Graph, inputs: readonly Value[], attributes: Attributes) => Value | undefined;

/**
 * Finds a value that equals the result of `op` and costs less, if there is one. All rules but one are exact in floating
 * point; see {@link mergeFactors}.
 */
export function simplify(
  graph: Graph,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes,
): Value | undefined {
  for (const rule of rules[op] ?? []) {
    const simpler = rule(graph, inputs, attributes);
    if (simpler) return simpler;
  }
  return undefined;
}

/** The number in a constant of one element. */
const scalarOf = ({ data }: Value): number | undefined =>
  data instanceof Float32Array && data.length === 1 ? data[0] : undefined;

/** Computes on two constants. The f64 result of one operation on f32s, rounded to f32, is the f32 result. */
function foldConstants(compute: (a: number, b: number) => number): Rule {
  return (graph, [x, y]) => {
    const [a, b] = [scalarOf(x), scalarOf(y)];
    if (a === undefined || b === undefined) return undefined;
    return graph.constant(Float32Array.of(compute(a, b)), broadcastShape('constants', x, y) as number[]);
  };
}

/** x · 1, x / 1, x¹ and x − 0 are x, also for −0; x + 0 is not. */
const dropNeutralElement =
  (element: number): Rule =>
  (_, [x, other]) => {
    const same =
      scalarOf(other) === element &&
      formatShape({ shape: broadcastShape('neutral', x, other) }) === formatShape(x);
    return same ? x : undefined;
  };

const swapOperands =
  (rule: Rule): Rule =>
  (graph, [a, b], attributes) =>
    rule(graph, [b, a], attributes);

/**
 * (x · c) · d = x · (c · d), which rounds differently, within two units in the last place. It does not apply where
 * c · d would overflow or lose digits.
 */
const mergeFactors: Rule = (graph, [scaled, second]) => {
  if (scaled.node?.op !== 'Mul') return undefined;
  const [a, b] = scaled.node.inputs;
  const [x, first] = scalarOf(b) === undefined ? [b, a] : [a, b];
  const [c, d] = [scalarOf(first), scalarOf(second)];
  if (c === undefined || d === undefined) return undefined;
  const size = Math.abs(c * d);
  if (!(size >= 2 ** -126 && size < 2 ** 127)) return undefined;
  return graph.mul(x, graph.mul(first, second));
};

/** Removes an Expand before an operation that broadcasts by itself. */
const skipExpand =
  (op: string): Rule =>
  (graph, [a, b]) => {
    if (a.node?.op === 'Expand' && formatShape(a) === formatShape(b))
      return graph.ops(op, [a.node.inputs[0], b])[0];
    if (b.node?.op === 'Expand' && formatShape(a) === formatShape(b))
      return graph.ops(op, [a, b.node.inputs[0]])[0];
    return undefined;
  };

/** Merges consecutive changes of shape into one, or none. */
const mergeReshapes =
  (op: string): Rule =>
  (graph, inputs, attributes) => {
    const [{ shape }] = [opEntry(op).infer(inputs, attributes)].flat();
    const [x] = inputs;
    if (formatShape(x) === formatShape({ shape })) return x;
    if (x.data instanceof Float32Array) return graph.constant(x.data, shape as number[]);
    const { node } = x;
    return node && opEntry(node.op).storage === 'view' ? reshape(graph, node.inputs[0], shape) : undefined;
  };

/** Merges consecutive transposes into one, or none. */
const mergeTransposes: Rule = (graph, [x], attributes) => {
  const perm = permutationOf(x, attributes);
  if (perm.every((axis, i) => axis === i)) return x;
  if (x.node?.op !== 'Transpose') return undefined;
  const [source] = x.node.inputs;
  const before = permutationOf(source, x.node.attributes);
  return graph.transpose(
    source,
    perm.map((axis) => before[axis]),
  );
};

/**
 * Turns a Shape of known dimensions into a constant, and reads the others from the inputs of the graph, so that no
 * intermediate result is kept only for its shape.
 */
const readShapeFromInputs: Rule = (graph, [x], attributes) => {
  const shape = shapeOf(x, attributes);
  const known = shape.filter((dim) => typeof dim === 'number');
  if (known.length === shape.length) return graph.integers(known);
  if (graph.inputs.includes(x)) return undefined;
  const parts = shape.map((dim) => {
    if (typeof dim === 'number') return graph.integers([dim]);
    const input = graph.inputs.find((input) => input.shape.includes(dim));
    const start = input?.shape.indexOf(dim);
    return input && graph.shape(input, { start: start!, end: start! + 1 });
  });
  if (parts.some((part) => !part)) return undefined;
  return parts.length === 1 ? parts[0] : graph.concat(parts as Value[], 0);
};

const rules: Readonly<Record<string, readonly Rule[]>> = {
  Add: [foldConstants((a, b) => a + b), skipExpand('Add')],
  Sub: [foldConstants((a, b) => a - b), dropNeutralElement(0), skipExpand('Sub')],
  Mul: [
    foldConstants((a, b) => a * b),
    dropNeutralElement(1),
    swapOperands(dropNeutralElement(1)),
    mergeFactors,
    swapOperands(mergeFactors),
    skipExpand('Mul'),
  ],
  Div: [foldConstants((a, b) => a / b), dropNeutralElement(1), skipExpand('Div')],
  Pow: [dropNeutralElement(1)],
  Neg: [(_, [x]) => (x.node?.op === 'Neg' ? x.node.inputs[0] : undefined)],
  Transpose: [mergeTransposes],
  Reshape: [mergeReshapes('Reshape')],
  Squeeze: [mergeReshapes('Squeeze')],
  Unsqueeze: [mergeReshapes('Unsqueeze')],
  Expand: [
    (_, [x, dims]) =>
      formatShape(x) === formatShape({ shape: readDimensions('Expand', dims) }) ? x : undefined,
  ],
  Shape: [readShapeFromInputs],
};

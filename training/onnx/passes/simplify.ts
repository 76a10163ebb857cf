import type { Attributes, Graph, Value } from '../graph/graph.ts';
import { broadcast, dimensions, reshape, shapeOf, text } from '../ops/entry.ts';
import { opEntry } from '../ops/registry.ts';

type Rule = (graph: Graph, inputs: readonly Value[], attributes: Attributes) => Value | undefined;

/**
 * A value that is the same as what `op` makes of the inputs and costs less, if there is one. All rules but one
 * are exact in floating point; see {@link scaledTwice}.
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
const constant = ({ data }: Value): number | undefined =>
  data instanceof Float32Array && data.length === 1 ? data[0] : undefined;

/** Both operands are constant. An f64 result of one operation on f32s, rounded to f32, is the f32 result. */
function folded(compute: (a: number, b: number) => number): Rule {
  return (graph, [x, y]) => {
    const [a, b] = [constant(x), constant(y)];
    if (a === undefined || b === undefined) return undefined;
    return graph.constant(Float32Array.of(compute(a, b)), broadcast('constants', x, y) as number[]);
  };
}

/** x · 1, x / 1, x¹ and x − 0 are x, also of −0. Not so x + 0. */
const neutral =
  (element: number): Rule =>
  (_, [x, other]) => {
    const same = constant(other) === element && text({ shape: broadcast('neutral', x, other) }) === text(x);
    return same ? x : undefined;
  };

const swapped =
  (rule: Rule): Rule =>
  (graph, [a, b], attributes) =>
    rule(graph, [b, a], attributes);

/**
 * (x · c) · d = x · (c · d), which is rounded otherwise, within two units in the last place; where c · d would
 * overflow or lose digits, it is left.
 */
const scaledTwice: Rule = (graph, [scaled, second]) => {
  if (scaled.node?.op !== 'Mul') return undefined;
  const [a, b] = scaled.node.inputs;
  const [x, first] = constant(b) === undefined ? [b, a] : [a, b];
  const [c, d] = [constant(first), constant(second)];
  if (c === undefined || d === undefined) return undefined;
  const size = Math.abs(c * d);
  if (!(size >= 2 ** -126 && size < 2 ** 127)) return undefined;
  return graph.mul(x, graph.mul(first, second));
};

/** What an Expand stretches need not be stretched where the operation does that by itself. */
const stretched =
  (op: string): Rule =>
  (graph, [a, b]) => {
    if (a.node?.op === 'Expand' && text(a) === text(b)) return graph.ops(op, [a.node.inputs[0], b])[0];
    if (b.node?.op === 'Expand' && text(a) === text(b)) return graph.ops(op, [a, b.node.inputs[0]])[0];
    return undefined;
  };

/** One change of shape after another is one, or none. */
const view =
  (op: string): Rule =>
  (graph, inputs, attributes) => {
    const [{ shape }] = [opEntry(op).infer(inputs, attributes)].flat();
    const [x] = inputs;
    if (text(x) === text({ shape })) return x;
    if (x.data instanceof Float32Array) return graph.constant(x.data, shape as number[]);
    const { node } = x;
    return node && opEntry(node.op).storage === 'view' ? reshape(graph, node.inputs[0], shape) : undefined;
  };

const order = (x: Value, { perm }: Attributes): readonly number[] =>
  (perm as readonly number[] | undefined) ?? x.shape.map((_, i) => i).reverse();

/** One change of order after another is one, or none. */
const transposed: Rule = (graph, [x], attributes) => {
  const perm = order(x, attributes);
  if (perm.every((axis, i) => axis === i)) return x;
  if (x.node?.op !== 'Transpose') return undefined;
  const [source] = x.node.inputs;
  const before = order(source, x.node.attributes);
  return graph.transpose(
    source,
    perm.map((axis) => before[axis]),
  );
};

/**
 * A Shape of known dimensions is constant, and the others can be had from the graph's inputs, so that no
 * intermediate result has to be kept for the sake of its shape alone.
 */
const fromInputs: Rule = (graph, [x], attributes) => {
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
  Add: [folded((a, b) => a + b), stretched('Add')],
  Sub: [folded((a, b) => a - b), neutral(0), stretched('Sub')],
  Mul: [
    folded((a, b) => a * b),
    neutral(1),
    swapped(neutral(1)),
    scaledTwice,
    swapped(scaledTwice),
    stretched('Mul'),
  ],
  Div: [folded((a, b) => a / b), neutral(1), stretched('Div')],
  Pow: [neutral(1)],
  Neg: [(_, [x]) => (x.node?.op === 'Neg' ? x.node.inputs[0] : undefined)],
  Transpose: [transposed],
  Reshape: [view('Reshape')],
  Squeeze: [view('Squeeze')],
  Unsqueeze: [view('Unsqueeze')],
  Expand: [(_, [x, dims]) => (text(x) === text({ shape: dimensions('Expand', dims) }) ? x : undefined)],
  Shape: [fromInputs],
};

import { BOOL, FLOAT, INT64, type Value } from '../ir/builder.ts';
import { GraphError } from '../ir/error.ts';
import { type Backward, broadcastShape, floatOf, inPlace, type Op, unary, unbroadcast } from './entry.ts';

/** An element-wise operator with two inputs, from its gradients before they are summed to the shapes of the inputs. */
function binary(gradient: (backward: Backward) => [Value, Value]): Op {
  return {
    infer: ([a, b]) => floatOf(broadcastShape('element-wise', a, b)),
    gradient: (backward) =>
      gradient(backward).map((g, i) => unbroadcast(backward.graph, g, backward.inputs[i])),
    ...inPlace,
  };
}

/** Max or Min of two inputs: the gradient goes to the chosen one, or to the first where they are equal. */
function choice(taken: (a: Value, b: Value) => [Value, Value]): Op {
  return binary(({ graph, inputs: [a, b], gradient: g }) => {
    const first = graph.toFloat(graph.greaterOrEqual(...taken(a, b)));
    const da = graph.mul(g, first);
    return [da, graph.sub(g, da)];
  });
}

const comparison: Op = { infer: ([a, b]) => ({ shape: broadcastShape('comparison', a, b), type: 'bool' }) };

export const elementwise = {
  Add: binary(({ gradient: g }) => [g, g]),
  Sub: binary(({ graph, gradient: g }) => [g, graph.neg(g)]),
  Mul: binary(({ graph, inputs: [a, b], gradient: g }) => [graph.mul(g, b), graph.mul(g, a)]),
  /** d(a/b) = da / b − db · (a/b) / b */
  Div: binary(({ graph, inputs: [, b], output: y, gradient: g }) => {
    const scaled = graph.div(g, b);
    return [scaled, graph.neg(graph.mul(scaled, y))];
  }),
  /** d(aᵇ) = da · b aᵇ⁻¹ + db · aᵇ log a, the latter only for a > 0. */
  Pow: binary(({ graph, inputs: [a, b], output: y, gradient: g }) => {
    const power = graph.pow(a, graph.sub(b, 1));
    const da = graph.mul(g, graph.mul(power, b));
    return [da, graph.mul(g, graph.mul(y, graph.log(a)))];
  }),
  Max: choice((a, b) => [a, b]),
  Min: choice((a, b) => [b, a]),
  /** The second input where the first, a boolean, is true, otherwise the third. */
  Where: {
    infer([condition, a, b]) {
      if (condition.type !== 'bool')
        throw new GraphError(`Where: the condition is ${condition.type}, not bool`);
      return floatOf(broadcastShape('Where', condition, { shape: broadcastShape('Where', a, b) }));
    },
    gradient({ graph, inputs: [condition, a, b], gradient: g }) {
      const zero = graph.constant(0);
      const da = graph.where(condition, g, zero);
      const db = graph.where(condition, zero, g);
      return [null, unbroadcast(graph, da, a), unbroadcast(graph, db, b)];
    },
  },
  Neg: unary(({ graph, gradient: g }) => graph.neg(g)),
  /** The derivative at 0 is taken to be 0. */
  Abs: unary(({ graph, inputs: [x], gradient: g }) => graph.mul(g, graph.sign(x))),
  /** The derivative is 0 wherever it exists. */
  Sign: { ...unary(), gradient: () => [null] },
  /** y′ = ½ / y */
  Sqrt: unary(({ graph, output: y, gradient: g }) => graph.div(graph.mul(g, 0.5), y)),
  Floor: unary(),
  Sin: unary(),
  Cos: unary(),
  Exp: unary(({ graph, output: y, gradient: g }) => graph.mul(g, y)),
  Log: unary(({ graph, inputs: [x], gradient: g }) => graph.div(g, x)),
  /** y′ = 2/√π exp(−x²) */
  Erf: unary(({ graph, inputs: [x], gradient: g }) => {
    const bell = graph.exp(graph.neg(graph.square(x)));
    return graph.mul(g, graph.mul(bell, 2 / Math.sqrt(Math.PI)));
  }),
  /** Clips to between the second and the third input, both constant. The derivative is 1 where x is unchanged. */
  Clip: {
    infer([x, ...bounds]) {
      if (bounds.length !== 2 || bounds.some(({ data, shape }) => !data || shape.length)) {
        throw new GraphError('Clip: two bounds are needed, both constant scalars');
      }
      return floatOf(x.shape);
    },
    gradient({ graph, inputs: [x], output: y, gradient: g }) {
      const kept = graph.toFloat(graph.equal(x, y));
      return [graph.mul(g, kept), null, null];
    },
    ...inPlace,
  },
  Greater: comparison,
  GreaterOrEqual: comparison,
  Equal: comparison,
  IsNaN: { infer: ([x]) => ({ shape: x.shape, type: 'bool' }) },
  /** To the TensorProto.DataType `to`. */
  Cast: {
    infer([x], { to }) {
      const type = new Map<unknown, 'float32' | 'int64' | 'bool'>([
        [FLOAT, 'float32'],
        [INT64, 'int64'],
        [BOOL, 'bool'],
      ]).get(to);
      if (!type) throw new GraphError(`Cast: there is no type ${to}`);
      return { shape: x.shape, type };
    },
  },
} satisfies Record<string, Op>;

import type { Attributes, GraphBuilder, Value } from '../ir/builder.ts';
import { GraphError } from '../ir/error.ts';
import {
  type Backward,
  floatOf,
  formatShape,
  inPlace,
  numberOf,
  type Op,
  resolveAxis,
  unary,
} from './entry.ts';

/**
 * An operator that gives x where x > 0, and otherwise a value ≤ 0 that depends on the attribute `alpha` and has the
 * gradient `below`. The sign of the output, which the next layer needs anyway, tells which case it was.
 */
function aboveZero(op: string, otherwise: number, below: (backward: Backward, alpha: Value) => Value): Op {
  return {
    infer([x], { alpha }) {
      if (numberOf(alpha, otherwise) < 0)
        throw new GraphError(`${op}: alpha must not be negative, it is ${alpha}`);
      return floatOf(x.shape);
    },
    gradient(backward) {
      const { graph, output, attributes, gradient } = backward;
      const above = graph.greater(output, 0);
      const alpha = graph.constant(numberOf(attributes.alpha, otherwise));
      return [graph.where(above, gradient, below(backward, alpha))];
    },
    floats: ['alpha'],
    ...inPlace,
  };
}

/** Φ(x), the normal distribution function. */
function normalCdf(graph: GraphBuilder, x: Value): Value {
  const erf = graph.erf(graph.mul(x, Math.SQRT1_2));
  return graph.mul(graph.add(erf, 1), 0.5);
}

/** [u ≥ rate]/(1 − rate) · x, with the inputs x and u of a Dropout. */
function dropValues(graph: GraphBuilder, x: Value, u: Value, rate: number): Value {
  const keeps = graph.greaterOrEqual(u, rate);
  const scaled = graph.mul(x, 1 / (1 - rate));
  return graph.where(keeps, scaled, 0);
}

/** An operator along the attribute `axis`, by default the last. `sum` is over that axis, which is kept as 1. */
function alongAxis(op: string, gradient: (backward: Backward, sum: (value: Value) => Value) => Value): Op {
  const axisIn = (x: Value, { axis }: Attributes) => resolveAxis(op, numberOf(axis, -1), x.shape.length);
  return {
    infer([x], attributes) {
      axisIn(x, attributes);
      return floatOf(x.shape);
    },
    gradient(backward) {
      const { graph, output, attributes } = backward;
      const axes = graph.integers([axisIn(output, attributes)]);
      return [gradient(backward, (value) => graph.reduceSum(value, axes, true))];
    },
  };
}

/** Activation functions, and dropout. */
export const activations = {
  /** The derivative is 1 where the output is not 0. A cast to bool is faster in onnxruntime than Sign. */
  Relu: unary(({ graph, output: y, gradient: g }) => {
    const step = graph.toFloat(graph.toBool(y));
    return graph.mul(g, step);
  }),
  /** x where x > 0, else `alpha` x; alpha is 0.01 by default. */
  LeakyRelu: aboveZero('LeakyRelu', 0.01, ({ graph, gradient: g }, alpha) => graph.mul(g, alpha)),
  /** x where x > 0, else `alpha` (eˣ − 1), whose derivative is y + alpha; alpha is 1 by default. */
  Elu: aboveZero('Elu', 1, ({ graph, output: y, gradient: g }, alpha) => graph.mul(g, graph.add(y, alpha))),
  /** x Φ(x) (Hendrycks & Gimpel 2016), not an ONNX operator in this opset. y′ = Φ(x) + x φ(x). */
  Gelu: {
    ...unary(({ graph, inputs: [x], gradient: g }) => {
      const square = graph.mul(graph.square(x), -0.5);
      const density = graph.mul(graph.exp(square), 1 / Math.sqrt(2 * Math.PI));
      const slope = graph.add(normalCdf(graph, x), graph.mul(x, density));
      return graph.mul(g, slope);
    }),
    lower: (graph, [x]) => graph.mul(x, normalCdf(graph, x)),
  },
  /** x σ(x), not an ONNX operator. y′ = σ(x) + y (1 − σ(x)). */
  Silu: {
    ...unary(({ graph, inputs: [x], output: y, gradient: g }) => {
      const sigmoid = graph.sigmoid(x);
      const rest = graph.mul(y, graph.sub(1, sigmoid));
      return graph.mul(g, graph.add(sigmoid, rest));
    }),
    lower: (graph, [x]) => graph.mul(x, graph.sigmoid(x)),
  },
  /** y′ = 1 − y² */
  Tanh: unary(({ graph, output: y, gradient: g }) => graph.mul(g, graph.sub(1, graph.square(y)))),
  /** y′ = y (1 − y) */
  Sigmoid: unary(({ graph, output: y, gradient: g }) => {
    const slope = graph.mul(y, graph.sub(1, y));
    return graph.mul(g, slope);
  }),
  /**
   * log(1 + eˣ), whose derivative is the sigmoid, as max(x, 0) − log σ(|x|): several times faster than onnxruntime's
   * Softplus. The absolute error is at most 1.2e-7, so results below that have no correct digits.
   */
  Softplus: {
    ...unary(({ graph, inputs: [x], gradient: g }) => graph.mul(g, graph.sigmoid(x))),
    lower(graph, [x]) {
      const logarithm = graph.log(graph.sigmoid(graph.abs(x)));
      return graph.sub(graph.relu(x), logarithm);
    },
  },
  /** dx = y (g − Σ g y) */
  Softmax: alongAxis('Softmax', ({ graph, output: y, gradient: g }, sum) =>
    graph.mul(y, graph.sub(g, sum(graph.mul(g, y)))),
  ),
  /** dx = g − eʸ Σ g */
  LogSoftmax: alongAxis('LogSoftmax', ({ graph, output: y, gradient: g }, sum) =>
    graph.sub(g, graph.mul(graph.exp(y), sum(g))),
  ),
  /**
   * Dropout (Srivastava et al. 2014) with probability `rate`. The caller draws u, uniform in [0, 1), with the shape of
   * x. y = x [u ≥ rate] / (1 − rate).
   */
  Dropout: {
    infer([x, u], { rate }) {
      if (!u || formatShape(x) !== formatShape(u))
        throw new GraphError(`Dropout: uniform numbers of shape ${formatShape(x)} are needed`);
      if (!(typeof rate === 'number' && rate >= 0 && rate < 1))
        throw new GraphError(`Dropout: the rate must be in [0, 1), not ${rate}`);
      return floatOf(x.shape);
    },
    gradient: ({ graph, inputs: [, u], attributes: { rate }, gradient: g }) => [
      dropValues(graph, g, u, Number(rate)),
      null,
    ],
    lower: (graph, [x, u], { rate }) => dropValues(graph, x, u, Number(rate)),
  },
} satisfies Record<string, Op>;

import type { Attributes, GraphBuilder, Value } from '../ir/builder.ts';
import { GraphError } from '../ir/error.ts';
import {
  countAlong,
  floatOf,
  formatShape,
  numberOf,
  type Op,
  reshape,
  resolveAxis,
  unbroadcast,
} from './entry.ts';

/**
 * x minus its mean along `axes` (kept as 1), the mean, the variance, and 1/√(variance + epsilon). The forward and the
 * backward pass build the same nodes, which cleaning merges.
 */
function computeMoments(graph: GraphBuilder, x: Value, axes: readonly number[], { epsilon }: Attributes) {
  const mean = average(graph, x, axes);
  const centred = graph.sub(x, mean);
  const variance = average(graph, graph.square(centred), axes);
  return { centred, mean, variance, reciprocal: reciprocalDeviation(graph, variance, epsilon) };
}

const average = (graph: GraphBuilder, value: Value, axes: readonly number[]) =>
  graph.reduceMean(value, axes, true);

/** 1/√(variance + epsilon) */
function reciprocalDeviation(
  graph: GraphBuilder,
  variance: Value,
  epsilon: Attributes[string] | undefined,
): Value {
  const above = graph.add(variance, numberOf(epsilon, 1e-5));
  return graph.div(1, graph.sqrt(above));
}

/**
 * The gradient of (x − μ)/σ by x, times σ, where μ and σ are the moments of x itself along `axes`:
 * g − mean(g) − (x − μ)/σ² · mean(g (x − μ)) (Ioffe & Szegedy 2015, section 3, combined).
 */
function differentiateMoments(
  graph: GraphBuilder,
  g: Value,
  { centred, reciprocal }: { centred: Value; reciprocal: Value },
  axes: readonly number[],
): Value {
  const square = graph.square(reciprocal);
  const slope = graph.mul(square, average(graph, graph.mul(g, centred), axes));
  const shifted = graph.sub(g, average(graph, g, axes));
  return graph.sub(shifted, graph.mul(centred, slope));
}

/** The axes that a LayerNormalization averages over: all from `axis` on, by default the last. */
const layerAxes = (x: Value, { axis }: Attributes) =>
  x.shape.map((_, i) => i).slice(resolveAxis('LayerNormalization', numberOf(axis, -1), x.shape.length));

/** The axes that a batch normalisation averages over: all but the second, the channels. */
const batchAxes = (x: Value) => x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));

/** Reshapes a vector over the channels so that it broadcasts over x. */
const overChannels = (graph: GraphBuilder, x: Value, vector: Value) =>
  reshape(graph, vector, [x.shape[1], ...x.shape.slice(2).map(() => 1)]);

/** The type of a vector over the channels of x. Throws a {@link GraphError} unless all of `vectors` have it. */
function channelTypeOf(op: string, x: Value, vectors: readonly Value[]) {
  if (x.shape.length < 2) throw new GraphError(`${op}: ${formatShape(x)} has no channels`);
  const shape = [x.shape[1]];
  for (const vector of vectors) {
    if (formatShape(vector) !== formatShape({ shape }))
      throw new GraphError(
        `${op}: ${formatShape(vector)} must have a number for each channel of ${formatShape(x)}`,
      );
  }
  return floatOf(shape);
}

export const normalisation = {
  /**
   * (x − μ)/σ · scale + bias (Ba, Kiros & Hinton 2016), with μ and σ over the axes from `axis` on (by default the last).
   * scale and bias have the shape of these axes; the bias is optional.
   */
  LayerNormalization: {
    infer([x, ...parameters], attributes) {
      const shape = layerAxes(x, attributes).map((axis) => x.shape[axis]);
      for (const value of parameters) {
        if (formatShape(value) !== formatShape({ shape }))
          throw new GraphError(
            `LayerNormalization: ${formatShape(value)} is not the shape ${formatShape({ shape })} to scale`,
          );
      }
      return floatOf(x.shape);
    },
    gradient({ graph, inputs: [x, scale, bias], attributes, gradient: g }) {
      const axes = layerAxes(x, attributes);
      const found = computeMoments(graph, x, axes, attributes);
      const through = differentiateMoments(graph, graph.mul(g, scale), found, axes);
      const dx = graph.mul(through, found.reciprocal);
      const normal = graph.mul(found.centred, found.reciprocal);
      const dscale = unbroadcast(graph, graph.mul(g, normal), scale);
      return bias ? [dx, dscale, unbroadcast(graph, g, bias)] : [dx, dscale];
    },
    floats: ['epsilon'],
  },
  /**
   * Trained batch normalisation: (x − mean)/√(variance + epsilon) · scale + bias. Inputs: x, scale, bias, mean and
   * variance; all but x have a number for each channel, the second axis of x.
   */
  BatchNormalization: {
    infer([x, ...vectors]) {
      channelTypeOf('BatchNormalization', x, vectors);
      return floatOf(x.shape);
    },
    gradient({ graph, inputs: [x, scale, , mean, variance], attributes: { epsilon }, gradient: g }) {
      const sum = (value: Value) => graph.reduceSum(value, batchAxes(x));
      const reciprocal = reciprocalDeviation(graph, variance, epsilon);
      const factor = graph.mul(scale, reciprocal);
      const centred = graph.sub(x, overChannels(graph, x, mean));
      const dscale = graph.mul(sum(graph.mul(g, centred)), reciprocal);
      const dbias = sum(g);
      // The derivative of 1/σ by σ² is −½/σ³.
      const slope = graph.mul(graph.mul(factor, reciprocal), -0.5);
      return [
        graph.mul(g, overChannels(graph, x, factor)),
        dscale,
        dbias,
        graph.neg(graph.mul(dbias, factor)),
        graph.mul(dscale, slope),
      ];
    },
    floats: ['epsilon'],
  },
  /**
   * Batch normalisation (Ioffe & Szegedy 2015) during training, of x with scale and bias, by the mean and variance of
   * the batch. These are further outputs, [channels], for the caller to average; the variance is divided by the count.
   * Not an ONNX operator: onnxruntime's BatchNormalization has a training mode, but takes several times as long for a
   * matrix.
   */
  TrainingBatchNormalization: {
    infer([x, ...vectors]) {
      const channel = channelTypeOf('TrainingBatchNormalization', x, vectors);
      return [floatOf(x.shape), channel, channel];
    },
    gradient({ graph, inputs: [x, scale], attributes, gradient: g }) {
      const axes = batchAxes(x);
      const found = computeMoments(graph, x, axes, attributes);
      const { centred, reciprocal } = found;
      const factor = graph.mul(overChannels(graph, x, scale), reciprocal);
      const dx = graph.mul(differentiateMoments(graph, g, found, axes), factor);
      const size = countAlong(graph, x, axes);
      const sum = (value: Value) => reshape(graph, graph.mul(average(graph, value, axes), size), scale.shape);
      const products = sum(graph.mul(g, centred));
      const dscale = graph.mul(products, reshape(graph, reciprocal, scale.shape));
      return [dx, dscale, sum(g)];
    },
    lower(graph, [x, scale, bias], attributes) {
      const { centred, mean, variance, reciprocal } = computeMoments(graph, x, batchAxes(x), attributes);
      const factor = graph.mul(overChannels(graph, x, scale), reciprocal);
      const scaled = graph.mul(centred, factor);
      const y = graph.add(scaled, overChannels(graph, x, bias));
      return [y, reshape(graph, mean, scale.shape), reshape(graph, variance, scale.shape)];
    },
  },
} satisfies Record<string, Op>;

import type { Architecture, Training } from '../../bundle/training.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { type Autoencoder, groupColumns, sliceColumns, splitHalves } from './autoencoder.ts';

/**
 * A loss between the output of the decoder and the sample, both N × features (a Gaussian output has twice as many
 * columns): one number per sample, [N], summed over the features.
 */
type Loss = (
  graph: Graph,
  decoded: Value,
  x: Value,
  model: Autoencoder,
  settings: Pick<Training, 'huber_delta'>,
) => Value;

/** The losses by name, with the decoder outputs that each accepts, the usual one first. */
const losses: Readonly<Record<Training['loss'], { outputs: readonly Architecture['output'][]; loss: Loss }>> =
  {
    mean_squared_error: {
      outputs: ['sigmoid', 'linear'],
      loss(graph, decoded, x, model) {
        const d = graph.sub(model.reconstruct(graph, decoded), x);
        return sumFeatures(graph, graph.square(d));
      },
    },
    mean_absolute_error: {
      outputs: ['sigmoid', 'linear'],
      loss: (graph, decoded, x, model) =>
        sumFeatures(graph, graph.abs(graph.sub(model.reconstruct(graph, decoded), x))),
    },
    /** d²/2 up to δ, and δ (|d| − δ/2) beyond (Huber 1964): c (|d| − c/2) with c = min(|d|, δ). */
    huber: {
      outputs: ['sigmoid', 'linear'],
      loss(graph, decoded, x, model, { huber_delta }) {
        const d = graph.abs(graph.sub(model.reconstruct(graph, decoded), x));
        const c = graph.min(d, huber_delta);
        const half = graph.mul(c, 0.5);
        return sumFeatures(graph, graph.mul(c, graph.sub(d, half)));
      },
    },
    binary_cross_entropy: {
      outputs: ['sigmoid'],
      loss: (graph, decoded, x) => graph.binaryCrossEntropy(decoded, x),
    },
    /** The features of a sample form one distribution. */
    categorical_cross_entropy: {
      outputs: ['softmax'],
      loss: (graph, decoded, x) => graph.categoricalCrossEntropy(decoded, x),
    },
    /** ½ Σ (s + (x − μ)² e^−s + log 2π), with a mean μ and a log-variance s per feature (Nix & Weigend 1994). */
    gaussian_nll: {
      outputs: ['gaussian'],
      loss(graph, decoded, x) {
        const [mean, raw] = splitHalves(graph, decoded);
        const s = graph.clip(raw, LEAST_LOG_VARIANCE, -LEAST_LOG_VARIANCE);
        const d = graph.sub(x, mean);
        const precision = graph.exp(graph.neg(s));
        const scaled = graph.mul(graph.square(d), precision);
        const each = graph.add(graph.add(s, scaled), Math.log(2 * Math.PI));
        return graph.mul(sumFeatures(graph, each), 0.5);
      },
    },
    /** Squared error for numbers, cross-entropy for categories, binary cross-entropy for flags. */
    mixed: {
      outputs: ['columns'],
      loss(graph, decoded, x, model) {
        const parts = groupColumns(model.blueprint.columns).map(({ kind, from, to }) => {
          const z = sliceColumns(graph, decoded, from, to);
          const target = sliceColumns(graph, x, from, to);
          if (kind === 'category') return graph.categoricalCrossEntropy(z, target);
          if (kind === 'flag') return graph.binaryCrossEntropy(z, target);
          const d = graph.sub(z, target);
          return sumFeatures(graph, graph.square(d));
        });
        return parts.reduce((sum, part) => graph.add(sum, part));
      },
    },
  };

/** The loss of each sample, [N]. */
export const buildLoss = (
  name: Training['loss'],
  ...[graph, decoded, x, model, settings]: Parameters<Loss>
): Value => losses[name].loss(graph, decoded, x, model, settings);

/** The decoder outputs that a loss accepts, the usual one first. */
export const outputsOf = (name: Training['loss']) => losses[name].outputs;

const sumFeatures = (graph: Graph, x: Value) => graph.reduceSum(x, [1]);

/** Bounds a learned variance to e^±7 in the units of training, so that the loss of a perfect fit is finite. */
const LEAST_LOG_VARIANCE = -7;

/** The smallest possible loss per feature, where that is below 0. */
export const LEAST_LOSS: Partial<Record<Training['loss'], number>> = {
  gaussian_nll: (LEAST_LOG_VARIANCE + Math.log(2 * Math.PI)) / 2,
};

import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, FittedDetector } from './detector.ts';

/** A detector whose rows are an autoencoder's errors, in the view `difference` unless said otherwise. */
const createErrorDetector = (
  name: string,
  title: string,
  make: (rows: Matrix) => FittedDetector,
): Detector => ({
  name,
  title,
  family: 'reconstruction',
  async fit(rows) {
    return make(rows);
  },
});

const mean = (graph: Graph, x: Value) => graph.reduceMean(x, [1]);
const squared = (graph: Graph, x: Value) => graph.square(x);

/** Scores a row by the mean of its shares. */
const averageShares = (shares: (graph: Graph, x: Value) => Value): FittedDetector => ({
  units: 'ratio',
  shares,
  score: (graph, x) => mean(graph, shares(graph, x)),
});

export const squaredError = createErrorDetector('reconstruction', 'squared error of the reconstruction', () =>
  averageShares(squared),
);

export const absoluteError = createErrorDetector(
  'absolute_error',
  'absolute error of the reconstruction',
  () => averageShares((graph, x) => graph.abs(x)),
);

/** Errors of features that were hidden and had to be inferred from the others: rows are the view `masked`. */
export const maskedError = createErrorDetector(
  'masked_error',
  'squared error where features are hidden, over several masks',
  () => averageShares((_graph, x) => x),
);

/** Scores a row by the sum of the first columns of the view `loss`. */
const createLossDetector = (name: string, title: string, columns: number) =>
  createErrorDetector(name, title, () => ({
    units: 'ratio',
    score: (graph, x) => graph.reduceSum(graph.slice(x, 0, columns, 1), [1]),
  }));

/** The loss that training minimised, such as cross-entropy; for a variational model, the reconstruction probability. */
export const trainedLoss = createLossDetector(
  'loss',
  'training loss: cross-entropy, or reconstruction probability',
  1,
);

/** How far the evidence lower bound of a variational model lies below its largest possible value. */
export const elbo = createLossDetector('elbo', 'evidence lower bound', 2);

/** Floor for the deviation that an error is divided by, as a share of the mean deviation. */
const LEAST_DEVIATION = 0.05;

/** Squared errors divided by the column's mean squared error, so that all columns weigh the same. */
export const standardisedError = createErrorDetector(
  'standardised_error',
  'squared error of the reconstruction, each feature in units of its usual error',
  ({ values, n, d }) => {
    const usual = new Float64Array(d);
    for (let p = 0; p < values.length; p++) usual[p % d] += values[p] ** 2 / n;
    const least = LEAST_DEVIATION ** 2 * (usual.reduce((sum, value) => sum + value, 0) / d) || 1;
    const weights = Float32Array.from(usual, (value) => 1 / Math.max(value, least));
    return averageShares((graph, x) => graph.mul(squared(graph, x), graph.constant(weights, [d])));
  },
);

/** Side of the windows of {@link createLocalError}, in pixels. */
const WINDOW = 5;

/**
 * For images: the largest mean squared error of all windows of 5 × 5 pixels. It finds a small patch that the mean over
 * the whole image hides. `shape` is height × width × channels.
 */
export const createLocalError = ([height, width, channels]: readonly number[]): Detector => {
  const errors = (graph: Graph, x: Value) => {
    const image = graph.reshape(squared(graph, x), [-1, height, width, channels]);
    return graph.reduceMean(image, [3]);
  };
  const window = [WINDOW, WINDOW].map((side, i) => Math.min(side, [height, width][i]));
  return createErrorDetector(
    'local_error',
    'largest squared error of the reconstruction in a window',
    () => ({
      units: 'ratio',
      shares: squared,
      score(graph, x) {
        const plane = graph.unsqueeze(errors(graph, x), [1]);
        const means = graph.op('AveragePool', [plane], { kernel_shape: window, strides: [1, 1] });
        return graph.reduceMax(means, [1, 2, 3]);
      },
    }),
  );
};

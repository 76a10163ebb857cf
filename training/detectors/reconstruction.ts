import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, Fitted } from './detector.ts';

/** Detectors of what an autoencoder gets wrong: their rows are the differences, reconstruction − sample. */
const ofDifference = (name: string, title: string, make: (rows: Matrix) => Fitted): Detector => ({
  name,
  title,
  family: 'reconstruction',
  async fit(rows) {
    return make(rows);
  },
});

const mean = (graph: Graph, x: Value) => graph.reduceMean(x, [1]);
const squared = (graph: Graph, x: Value) => graph.square(x);

/** A score that is the mean over the columns of what each one adds. */
const meanOf = (shares: (graph: Graph, x: Value) => Value): Fitted => ({
  units: 'ratio',
  shares,
  score: (graph, x) => mean(graph, shares(graph, x)),
});

export const squaredError = ofDifference('reconstruction', 'squared error of the reconstruction', () =>
  meanOf(squared),
);

export const absoluteError = ofDifference('absolute_error', 'absolute error of the reconstruction', () =>
  meanOf((graph, x) => graph.abs(x)),
);

/** Errors where a feature was hidden and had to be told from the others: rows are squared errors of the `masked` view. */
export const maskedError = ofDifference(
  'masked_error',
  'squared error where features are hidden, over several masks',
  () => meanOf((_graph, x) => x),
);

/** Of the `loss` view: the first columns of it, added up. */
const lossOf = (name: string, title: string, columns: number) =>
  ofDifference(name, title, () => ({
    units: 'ratio',
    score: (graph, x) => graph.reduceSum(graph.slice(x, 0, columns, 1), [1]),
  }));

/** The loss that was trained, such as cross-entropy; of a variational model the reconstruction probability. */
export const trainedLoss = lossOf(
  'loss',
  'loss of training: cross-entropy, or reconstruction probability',
  1,
);

/** The evidence lower bound of a variational model, less its largest, with the sign turned. */
export const elbo = lossOf('elbo', 'evidence lower bound', 2);

/** The least deviation that an error is divided by, as a share of the mean one. */
const LEAST_DEVIATION = 0.05;

/** Squared errors in units of what is usual for the column, so that none is heard more than another. */
export const standardisedError = ofDifference(
  'standardised_error',
  'squared error of the reconstruction, each feature by its usual error',
  ({ values, n, d }) => {
    const usual = new Float64Array(d);
    for (let p = 0; p < values.length; p++) usual[p % d] += values[p] ** 2 / n;
    const least = LEAST_DEVIATION ** 2 * (usual.reduce((sum, value) => sum + value, 0) / d) || 1;
    const weights = Float32Array.from(usual, (value) => 1 / Math.max(value, least));
    return meanOf((graph, x) => graph.mul(squared(graph, x), graph.constant(weights, [d])));
  },
);

/** Side of the windows of {@link localError}. */
const WINDOW = 5;

/**
 * Of images: the largest mean squared error of any window of 5 × 5 pixels, which a small patch raises that the
 * mean over the whole image hides. `shape` is height × width × channels.
 */
export const localError = ([height, width, channels]: readonly number[]): Detector => {
  const errors = (graph: Graph, x: Value) => {
    const image = graph.reshape(squared(graph, x), [-1, height, width, channels]);
    return graph.reduceMean(image, [3]);
  };
  const window = [WINDOW, WINDOW].map((side, i) => Math.min(side, [height, width][i]));
  return ofDifference('local_error', 'largest squared error of the reconstruction in a window', () => ({
    units: 'ratio',
    shares: squared,
    score(graph, x) {
      const plane = graph.unsqueeze(errors(graph, x), [1]);
      const means = graph.op('AveragePool', [plane], { kernel_shape: window, strides: [1, 1] });
      return graph.reduceMax(means, [1, 2, 3]);
    },
  }));
};

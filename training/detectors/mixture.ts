import { Random } from '../../kernels/random.ts';
import { computeWhitening, MAX_COLUMNS } from '../linear/covariance.ts';
import { logSumExp, logSumExpRows } from '../linear/log-sum-exp.ts';
import { Graph, type Value } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { Matrix } from '../runtime/rows.ts';
import { createSession, tensor } from '../runtime/session.ts';
import { measureColumns } from './column-units.ts';
import type { Detector, FitOptions, FittedDetector } from './detector.ts';
import { kMeans } from './k-means.ts';
import { scaleInverse } from './mahalanobis.ts';
import { sampleRows } from './sample.ts';

/** A mixture is fitted to at most this many rows, a random sample of them. */
const MOST_ROWS = 6000;
/** Rows per component, at least, on average. */
const ROWS_EACH = 20;
const ITERATIONS = 60;
/** Fitting ends when an iteration raises the mean log-likelihood by less than this. */
const TOLERANCE = 1e-3;

export interface MixtureOptions {
  /** Gaussians in the mixture; fewer if there are few rows. */
  components: number;
  /** Added to the variance in every direction, as a share of the mean variance of the columns. */
  ridge: number;
}

/**
 * A mixture of Gaussians with full covariances, fitted by expectation–maximisation (Dempster, Laird & Rubin 1977;
 * Bishop 2006, section 9.2.2) from k-means, after scaling every column to variance 1. The score is how far the
 * log-density lies below the highest it could be: with one Gaussian, half the squared Mahalanobis distance.
 *
 * A rare flag, category or gap alone is no anomaly: in every Gaussian, such a column has at least the variance of two values
 * that are equally frequent.
 */
export function createMixture(name: string, { components, ridge }: MixtureOptions): Detector {
  return {
    name,
    title: `mixture of up to ${components} Gaussians`,
    family: 'statistical',
    minRows: 2,
    maxColumns: MAX_COLUMNS,
    async fit(rows, options) {
      const taken = sampleRows(rows, MOST_ROWS, options);
      const { mean, unit, least } = measureColumns(taken);
      const count = Math.max(1, Math.min(components, Math.floor(taken.n / ROWS_EACH)));
      const x: Matrix = {
        ...taken,
        values: taken.values.map((value, p) => (value - mean[p % taken.d]) / unit[p % taken.d]),
      };
      return buildSubgraph(await fitGaussians(x, count, { ridge, least }, options), mean, unit);
    },
  };
}

export const mixture = createMixture('mixture', { components: 20, ridge: 0.1 });

/** One Gaussian of the mixture: log π − ½ log |Σ| − ½ d log 2π, its mean, and L⁻¹ with Σ = L Lᵀ. */
interface Gaussian {
  logWeight: number;
  mean: Float64Array;
  inverse: Float64Array;
}

/** What keeps the variances of a Gaussian away from 0: what is added to each, and then the least of each. */
interface Floor {
  readonly ridge: number;
  /** [d] */
  readonly least: Float32Array;
}

/**
 * Expectation–maximisation: each iteration is one run of a graph over all rows, and a Cholesky decomposition per
 * component.
 */
async function fitGaussians(
  x: Matrix,
  components: number,
  floor: Floor,
  options: FitOptions,
): Promise<Gaussian[]> {
  const { values, n, d } = x;
  const { centres, labels } = kMeans(x, components, new Random(options.seed));
  let gaussians = initialise(x, centres, labels, components, floor);
  const session = await createSession(buildStepGraph(n, d, components), options);
  const data = tensor(values, [n, d]);
  let before = Number.NEGATIVE_INFINITY;
  try {
    for (let i = 0; i < ITERATIONS; i++) {
      const { weights, biases, logWeights } = pack(gaussians, d);
      const found = await session.run({
        x: data,
        weights: tensor(weights, [d, components * d]),
        biases: tensor(biases, [components * d]),
        log_weights: tensor(logWeights, [components]),
      });
      const [counts, sums, products] = ['counts', 'sums', 'products'].map(
        (key) => found[key].data as Float32Array,
      );
      const likelihood = Number(found.likelihood.data[0]);
      gaussians = Array.from({ length: components }, (_, c) =>
        maximise(
          counts[c],
          sums.subarray(c * d, (c + 1) * d),
          products.subarray(c * d * d, (c + 1) * d * d),
          n,
          floor,
        ),
      );
      if (likelihood - before < TOLERANCE) break;
      before = likelihood;
    }
  } finally {
    await session.release();
  }
  return gaussians;
}

/** Starts from clusters: their means, their shares of the rows, and for all the covariance within clusters. */
function initialise(
  { values, n, d }: Matrix,
  centres: Float64Array,
  labels: Uint32Array,
  components: number,
  floor: Floor,
): Gaussian[] {
  const within = new Float64Array(d * d);
  const counts = new Float64Array(components);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const c = labels[i];
    counts[c]++;
    for (let j = 0; j < d; j++) row[j] = values[i * d + j] - centres[c * d + j];
    for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) within[j * d + k] += (row[j] * row[k]) / n;
  }
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) within[k * d + j] = within[j * d + k];
  return Array.from({ length: components }, (_, c) =>
    createGaussian(Math.max(counts[c], 1) / n, centres.slice(c * d, (c + 1) * d), within, floor),
  );
}

/**
 * The maximisation step for a component: from the sums of its responsibilities (`count`), and of the rows and their
 * products weighted by them.
 */
function maximise(
  count: number,
  sums: Float32Array,
  products: Float32Array,
  n: number,
  floor: Floor,
): Gaussian {
  const d = sums.length;
  const total = Math.max(count, 1e-6);
  const mean = Float64Array.from(sums, (sum) => sum / total);
  const covariance = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    for (let k = 0; k <= j; k++) {
      const value = products[j * d + k] / total - mean[j] * mean[k];
      covariance[j * d + k] = value;
      covariance[k * d + j] = value;
    }
    covariance[j * d + j] = Math.max(0, covariance[j * d + j]);
  }
  return createGaussian(total / n, mean, covariance, floor);
}

function createGaussian(
  share: number,
  mean: Float64Array,
  covariance: Float64Array,
  { ridge, least }: Floor,
): Gaussian {
  const d = mean.length;
  const raised = covariance.slice();
  for (let j = 0; j < d; j++) raised[j * d + j] = Math.max(raised[j * d + j] + ridge, least[j]);
  const { inverse, logDet } = computeWhitening(raised, d);
  return { logWeight: Math.log(share) - 0.5 * (logDet + d * Math.log(2 * Math.PI)), mean, inverse };
}

/** All Gaussians side by side: y = x·weights + biases has white coordinates for each, N × (components · d). */
function pack(gaussians: readonly Gaussian[], d: number) {
  const width = gaussians.length * d;
  const weights = new Float32Array(d * width);
  const biases = new Float32Array(width);
  for (const [c, { mean, inverse }] of gaussians.entries()) {
    for (let i = 0; i < d; i++) {
      let bias = 0;
      for (let j = 0; j <= i; j++) {
        weights[j * width + c * d + i] = inverse[i * d + j];
        bias -= inverse[i * d + j] * mean[j];
      }
      biases[c * d + i] = bias;
    }
  }
  return { weights, biases, logWeights: Float32Array.from(gaussians, ({ logWeight }) => logWeight) };
}

/**
 * The expectation step: white coordinates (N × c × d), responsibilities (N × c), and log-densities of the mixture (N
 * × 1).
 */
function addExpectation(graph: Graph, x: Value, weights: Value, biases: Value, logWeights: Value) {
  const components = logWeights.shape[0] as number;
  const d = x.shape[1] as number;
  const product = graph.gemm(x, weights, { bias: biases });
  const white = graph.reshape(product, [-1, components, d]);
  const distance = graph.reduceSum(graph.square(white), [2]);
  const each = graph.sub(logWeights, graph.mul(distance, 0.5));
  const { total, shares } = logSumExpRows(graph, each);
  return { white, responsibility: shares, all: total };
}

/** The expectation step over all rows, and the sums that the maximisation step needs. */
function buildStepGraph(n: number, d: number, components: number): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', [n, d]);
  const { responsibility, all } = addExpectation(
    graph,
    x,
    graph.input('weights', [d, components * d]),
    graph.input('biases', [components * d]),
    graph.input('log_weights', [components]),
  );
  graph.output('likelihood', graph.reduceMean(all, [0, 1]));
  graph.output('counts', graph.reduceSum(responsibility, [0]));
  graph.output('sums', graph.gemm(responsibility, x, { transA: true }));
  const byComponent = graph.unsqueeze(graph.transpose(responsibility, [1, 0]), [2]);
  const weighted = graph.mul(byComponent, x);
  graph.output('products', graph.matMul(graph.transpose(x, [1, 0]), weighted));
  return serialise(graph, 'expectation_maximisation');
}

function buildSubgraph(
  gaussians: readonly Gaussian[],
  mean: Float32Array,
  unit: Float32Array,
): FittedDetector {
  const d = mean.length;
  const components = gaussians.length;
  const { weights, biases, logWeights } = pack(gaussians, d);
  const peak = logSumExp(logWeights);
  const densities = (graph: Graph, x: Value) => {
    const centred = graph.sub(x, graph.constant(mean, [d]));
    return addExpectation(
      graph,
      graph.mul(
        centred,
        graph.constant(
          unit.map((u) => 1 / u),
          [d],
        ),
      ),
      graph.constant(weights, [d, components * d]),
      graph.constant(biases, [components * d]),
      graph.constant(logWeights, [components]),
    );
  };
  return {
    units: 'ratio',
    score(graph, x) {
      const below = graph.sub(peak, densities(graph, x).all);
      return graph.squeeze(below, [1]);
    },
    /**
     * As for the Mahalanobis distance: the mean over the components, weighted by their responsibilities for the row.
     */
    shares(graph, x) {
      const { white, responsibility } = densities(graph, x);
      const matrices = new Float32Array(components * d * d);
      for (const [c, { inverse }] of gaussians.entries()) matrices.set(scaleInverse(inverse, d), c * d * d);
      const byComponent = graph.transpose(white, [1, 0, 2]);
      const pulled = graph.matMul(byComponent, graph.constant(matrices, [components, d, d]));
      const squares = graph.transpose(graph.square(pulled), [1, 0, 2]);
      const weight = graph.unsqueeze(responsibility, [2]);
      return graph.reduceSum(graph.mul(squares, weight), [1]);
    },
  };
}

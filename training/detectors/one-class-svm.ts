import { Random } from '../../kernels/random.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector } from './detector.ts';
import { runSubgraph } from './run.ts';
import { sampleRows } from './sample.ts';

/** At most this share of the training rows is outside, and at least this share are support vectors (ν). */
const NU = 0.1;
/** Frequencies, each with a sine and a cosine. */
const FREQUENCIES = 384;
/** It is trained on at most this many rows. */
const MOST_ROWS = 4000;
/** Rows whose distances set the kernel's width. */
const JUDGES = 300;

const MOST_STEPS = 400;
/** Training ends when the duality gap is no larger than this share of the dual. */
const TOLERANCE = 1e-3;

/**
 * One-class support vector machine (Schölkopf, Platt, Shawe-Taylor, Smola & Williamson 2001): of the planes
 * w·φ(x) = ρ that separate all but a share ν of the rows from the origin, the one farthest from the origin. φ are random
 * Fourier features (Rahimi & Recht 2007) for a Gaussian kernel whose width is the median distance between rows: the cost
 * of a score does not depend on the number of rows. The score is ρ − w·φ(x), positive outside.
 */
export const oneClassSvm: Detector = {
  name: 'one_class_svm',
  title: 'one-class support vector machine',
  family: 'boundary',
  minRows: 2,
  async fit(rows, options) {
    const { d } = rows;
    const width = medianDistance(rows, options.seed);
    const random = Random.stream(options.seed, 1);
    const frequencies = Float32Array.from({ length: d * FREQUENCIES }, () => random.normal() / width);
    const features = (graph: Graph, x: Value) => addFourierFeatures(graph, x, frequencies, d);
    const kept = sampleRows(rows, MOST_ROWS, options);
    const { w, rho } = solveOneClassSvm(await runSubgraph(features, kept, options), kept.n, 2 * FREQUENCIES);
    return {
      units: 'log',
      score(graph, x) {
        const weights = graph.constant(Float32Array.from(w), [2 * FREQUENCIES]);
        const inside = graph.matMul(features(graph, x), weights);
        return graph.sub(rho, inside);
      },
    };
  },
};

/**
 * φ(x) for x (N × d): N × 2D, the cosines of x·ω and then the sines, divided by √D, so that
 * φ(x)·φ(y) ≈ exp(−‖x − y‖² / 2σ²) and ‖φ(x)‖ = 1. `frequencies` are the ω, d × D, normal with deviation 1/σ.
 */
function addFourierFeatures(graph: Graph, x: Value, frequencies: Float32Array, d: number): Value {
  const phase = graph.matMul(x, graph.constant(frequencies, [d, FREQUENCIES]));
  const waves = graph.concat([graph.cos(phase), graph.sin(phase)], 1);
  return graph.mul(waves, 1 / Math.sqrt(FREQUENCIES));
}

/** The median distance between different rows of a sample; 1 if all are the same. */
function medianDistance(rows: Matrix, seed: number): number {
  const { values, n, d } = sampleRows(rows, JUDGES, { seed });
  const distances: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (values[i * d + c] - values[j * d + c]) ** 2;
      if (sum > 0) distances.push(Math.sqrt(sum));
    }
  }
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 1;
}

/** A plane during training: the rows' weights α, its normal w = Φᵀα, and w·φᵢ for each row. */
interface Plane {
  alpha: Float64Array;
  w: Float64Array;
  margins: Float64Array;
}

/**
 * The plane for features (n × D): w and ρ that minimise ½‖w‖² − ρ + Σ max(0, ρ − w·φᵢ) / νn. It is found from the dual,
 * minimise ½‖Φᵀα‖² subject to 0 ≤ αᵢ ≤ 1/νn and Σα = 1, by accelerated projected gradients (Beck & Teboulle 2009) that
 * restart where they turn back (O'Donoghue & Candès 2015). νn is at least 1.
 */
export function solveOneClassSvm(features: Float32Array, n: number, width: number, nu = NU) {
  const outside = Math.max(1, nu * n);
  const combineRows = (alpha: Float64Array) => {
    const w = new Float64Array(width);
    for (let i = 0, p = 0; i < n; i++) {
      if (alpha[i] === 0) p += width;
      else for (let c = 0; c < width; c++) w[c] += alpha[i] * features[p++];
    }
    return w;
  };
  const multiplyRows = (w: Float64Array) => {
    const margins = new Float64Array(n);
    for (let i = 0, p = 0; i < n; i++) {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += w[c] * features[p++];
      margins[i] = sum;
    }
    return margins;
  };
  const step = 1 / largestEigenvalue((v) => multiplyRows(combineRows(v)), n);
  const start = new Float64Array(n).fill(1 / n);
  const plane = combineRows(start);
  let now: Plane = { alpha: start, w: plane, margins: multiplyRows(plane) };
  let before = now;
  let momentum = 1;
  for (let i = 0; i < MOST_STEPS && dualityGap(now.w, now.margins, outside) > TOLERANCE; i++) {
    const next = (1 + Math.sqrt(1 + 4 * momentum ** 2)) / 2;
    const ahead = (momentum - 1) / next;
    const from = now.alpha.map((value, k) => value + ahead * (value - before.alpha[k]));
    const gradient = now.margins.map((value, k) => value + ahead * (value - before.margins[k]));
    const alpha = projectOntoSimplex(
      from.map((value, k) => value - step * gradient[k]),
      1 / outside,
    );
    const turnsBack =
      alpha.reduce((sum, value, k) => sum + (from[k] - value) * (value - now.alpha[k]), 0) > 0;
    const w = combineRows(alpha);
    [before, now] = [now, { alpha, w, margins: multiplyRows(w) }];
    momentum = turnsBack ? 1 : next;
  }
  return { w: now.w, rho: findOffset(now.margins, outside), alpha: now.alpha };
}

/** The best ρ for a given w, from w·φᵢ for each row: fewer than `outside` rows are below it. */
const findOffset = (margins: Float64Array, outside: number): number =>
  margins.toSorted()[Math.ceil(outside - 1e-9) - 1];

/** The duality gap as a share of the dual: 0 at the optimum. */
function dualityGap(w: Float64Array, margins: Float64Array, outside: number): number {
  const norm = w.reduce((sum, value) => sum + value * value, 0);
  const rho = findOffset(margins, outside);
  const missed = margins.reduce((sum, margin) => sum + Math.max(0, rho - margin), 0);
  return (norm - rho + missed / outside) / (norm / 2);
}

/**
 * The nearest vector with entries from 0 to `most` and sum 1: subtracts one number from all entries, found by
 * bisection, and clips them.
 */
function projectOntoSimplex(values: Float64Array, most: number): Float64Array {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value - most);
    high = Math.max(high, value);
  }
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    let sum = 0;
    for (const value of values) sum += Math.max(0, Math.min(most, value - middle));
    if (sum > 1) low = middle;
    else high = middle;
  }
  return values.map((value) => Math.max(0, Math.min(most, value - high)));
}

/** An upper bound on the largest eigenvalue of the rows' Gram matrix: power iteration, plus 5 %. */
function largestEigenvalue(times: (v: Float64Array) => Float64Array, n: number): number {
  let v = new Float64Array(n).fill(1 / Math.sqrt(n));
  let size = 0;
  for (let i = 0; i < 10; i++) {
    const product = times(v);
    size = Math.sqrt(product.reduce((sum, value) => sum + value * value, 0));
    v = product.map((value) => value / size);
  }
  return 1.05 * size;
}

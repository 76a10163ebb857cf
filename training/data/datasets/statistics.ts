import type { Dataset } from './dataset.ts';
import { DataError } from './error.ts';

/** Statistics of each feature over all samples; arrays have one entry per feature. */
export interface Statistics {
  readonly mean: Float64Array;
  /** The population's standard deviation: the sum of squares is divided by the count. 0 exactly for a single value. */
  readonly deviation: Float64Array;
}

/** Number of values that are read at a time. */
const CHUNK = 2 ** 20;

/**
 * Computes mean and standard deviation of each feature in one pass: sums in float64 over a chunk of samples, then the
 * squares about the chunk's mean, merged by Chan, Golub & LeVeque 1979 (with chunks of one sample, Welford 1962).
 * Throws a {@link DataError} for a value that is not finite.
 */
export async function computeStatistics(dataset: Dataset): Promise<Statistics> {
  const { count, features } = dataset;
  const size = Math.min(count, Math.max(1, Math.floor(CHUNK / features)));
  const values = new Float32Array(size * features);
  const mean = new Float64Array(features);
  const squares = new Float64Array(features);
  const chunkMean = new Float64Array(features);
  const chunkSquares = new Float64Array(features);
  const min = new Float32Array(features).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(features).fill(Number.NEGATIVE_INFINITY);
  for (let done = 0; done < count; ) {
    const rows = Math.min(size, count - done);
    const waiting = dataset.read(done, rows, values);
    if (waiting) await waiting;
    chunkMean.fill(0);
    chunkSquares.fill(0);
    addSums(values, rows, chunkMean, min, max);
    for (let j = 0; j < features; j++) {
      chunkMean[j] /= rows;
      if (!Number.isFinite(chunkMean[j])) throw notFiniteError(values, rows, features, done);
    }
    addSquares(values, rows, chunkMean, chunkSquares);
    const total = done + rows;
    for (let j = 0; j < features; j++) {
      const delta = chunkMean[j] - mean[j];
      mean[j] += (delta * rows) / total;
      squares[j] += chunkSquares[j] + (delta * delta * done * rows) / total;
    }
    done = total;
  }
  const deviation = squares.map((sum, j) => {
    if (min[j] !== max[j]) return Math.sqrt(sum / count);
    mean[j] = min[j];
    return 0;
  });
  return { mean, deviation };
}

function addSums(
  values: Float32Array,
  rows: number,
  sums: Float64Array,
  min: Float32Array,
  max: Float32Array,
): void {
  const features = sums.length;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < features; j++) {
      const value = values[i * features + j];
      sums[j] += value;
      if (value < min[j]) min[j] = value;
      if (value > max[j]) max[j] = value;
    }
  }
}

function addSquares(values: Float32Array, rows: number, mean: Float64Array, squares: Float64Array): void {
  const features = mean.length;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < features; j++) {
      const away = values[i * features + j] - mean[j];
      squares[j] += away * away;
    }
  }
}

function notFiniteError(values: Float32Array, rows: number, features: number, done: number): DataError {
  const at = values.subarray(0, rows * features).findIndex((value) => !Number.isFinite(value));
  return new DataError(
    `sample ${done + Math.floor(at / features)}, feature ${at % features} (counted from 0) is ${values[at]}: ` +
      'only finite numbers are accepted',
  );
}

/** The quantile of sorted values at a share, linear between two of them. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const [a, b] = [sorted[below], sorted[Math.min(below + 1, sorted.length - 1)]];
  return a + (b - a) * (at - below);
}

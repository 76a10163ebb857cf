import type { Rows } from './axes.ts';
import type { Neighbours } from './types.ts';

/** How distances between vectors are measured. */
export type Metric = 'euclidean' | 'cosine' | 'correlation' | 'manhattan' | 'hamming';

/** Whether the nearest by this metric are the nearest by Euclidean distance between the rows that {@link directRows} returns. */
export const isEuclidean = (metric: Metric): metric is 'euclidean' | 'cosine' | 'correlation' =>
  metric === 'euclidean' || metric === 'cosine' || metric === 'correlation';

/**
 * The rows with length one, for the metric 'cosine', or less their means and then with length one, for 'correlation': the
 * squared distance of two is 2 − 2 cos, and 2 − 2 r with Pearson's correlation r. For 'euclidean', the rows themselves.
 *
 * @throws RangeError naming a row that has no direction
 */
export function directRows(rows: Rows, metric: 'euclidean' | 'cosine' | 'correlation'): Rows {
  if (metric === 'euclidean') return rows;
  const { values, n, d } = rows;
  const directed = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const row = values.subarray(i * d, (i + 1) * d);
    const mean = metric === 'correlation' ? row.reduce((sum, value) => sum + value / d, 0) : 0;
    let squares = 0;
    let largest = 0;
    for (const value of row) {
      squares += (value - mean) ** 2;
      largest = Math.max(largest, Math.abs(value));
    }
    // Equal values differ from their mean by rounding alone.
    const length = Math.sqrt(squares);
    if (length <= 1e-6 * largest * Math.sqrt(d)) {
      const what = metric === 'cosine' ? 'only zeros' : 'equal values only';
      throw new RangeError(
        `row ${i + 1} has ${what}, and so no ${metric === 'cosine' ? 'direction' : 'correlation'}`,
      );
    }
    for (let j = 0; j < d; j++) directed[i * d + j] = (row[j] - mean) / length;
  }
  return { values: directed, n, d };
}

/** The distances of a row a at `p` from a row b at `q`. */
const DISTANCES = {
  euclidean(a: Float32Array, p: number, b: Float32Array, q: number, d: number): number {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (a[p + j] - b[q + j]) ** 2;
    return Math.sqrt(sum);
  },
  manhattan(a: Float32Array, p: number, b: Float32Array, q: number, d: number): number {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += Math.abs(a[p + j] - b[q + j]);
    return sum;
  },
  hamming(a: Float32Array, p: number, b: Float32Array, q: number, d: number): number {
    let differing = 0;
    for (let j = 0; j < d; j++) if (a[p + j] !== b[q + j]) differing++;
    return differing / d;
  },
};

/**
 * The exact k nearest rows by Euclidean or Manhattan distance or by Hamming distance, the share of values that differ, of each row
 * among the others, or of each query among the rows. Of equal distances, that to the lower index comes first. O(n² d), in this thread:
 * `findNeighbours` is faster for Euclidean distances among the rows.
 *
 * @throws RangeError saying which k are accepted
 */
export function findNeighboursBy(
  metric: keyof typeof DISTANCES,
  rows: Rows,
  k: number,
  queries?: Rows,
): Neighbours {
  const { values, n, d } = rows;
  const measure = DISTANCES[metric];
  return selectNearest(queries?.n ?? n, n, k, queries === undefined, (i, row) => {
    const from = (queries ?? rows).values;
    for (let j = 0; j < n; j++) row[j] = measure(from, i * d, values, j * d, d);
  });
}

/**
 * The k nearest of n points by a matrix of all distances. Of equal distances, that to the lower index comes first.
 *
 * @param distances n × n, row-major, finite numbers from 0; the diagonal is not read
 * @throws RangeError naming what is not as described
 */
export function neighboursFromDistances(distances: Float32Array, k: number): Neighbours {
  const n = Math.sqrt(distances.length);
  if (!Number.isInteger(n)) {
    throw new RangeError(`there are ${distances.length} distances: n × n are accepted`);
  }
  const invalid = distances.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (invalid >= 0) {
    const [i, j] = [Math.floor(invalid / n), invalid % n];
    throw new RangeError(
      `the distance of points ${i} and ${j} is ${distances[invalid]}: finite numbers from 0 are accepted`,
    );
  }
  return selectNearest(n, n, k, true, (i, row) => row.set(distances.subarray(i * n, (i + 1) * n)));
}

/** The k nearest of n points to each of m, without the point itself if they are the `same`. */
function selectNearest(
  m: number,
  n: number,
  k: number,
  same: boolean,
  measure: (i: number, row: Float64Array) => void,
): Neighbours {
  const most = same ? n - 1 : n;
  if (!(Number.isInteger(k) && k >= 1 && k <= most)) {
    throw new RangeError(`k is ${k}: for ${n} points it must be from 1 to ${most}`);
  }
  const [indices, distances] = [new Int32Array(m * k), new Float32Array(m * k)];
  const row = new Float64Array(n);
  const [nearest, away] = [new Int32Array(k), new Float64Array(k)];
  for (let i = 0; i < m; i++) {
    measure(i, row);
    let count = 0;
    for (let j = 0; j < n; j++) {
      const distance = row[j];
      if ((count === k && !(distance < away[k - 1])) || (same && j === i)) continue;
      let slot = count < k ? count++ : k - 1;
      for (; slot > 0 && away[slot - 1] > distance; slot--) {
        away[slot] = away[slot - 1];
        nearest[slot] = nearest[slot - 1];
      }
      away[slot] = distance;
      nearest[slot] = j;
    }
    indices.set(nearest, i * k);
    distances.set(away, i * k);
  }
  return { k, indices, distances };
}

import { rowsAt, scoresOf } from './apply.ts';
import type { FitOptions, Matrix } from './detector.ts';
import { CORESET, nearest } from './knn.ts';
import { gaussian, ledoitWolf } from './mahalanobis.ts';

/** Neighbourhoods of so large shares of the rows are wider than any cluster of anomalies is likely to be. */
const NEIGHBOURHOODS = [0.05, 0.1];
const FEWEST = 5;
/** The Gaussian is fitted again without so many of the rows. */
const SET_ASIDE = 0.3;

/**
 * How suspicious each training row is when nothing is known yet: the sum of its ranks by the distance to the
 * farthest of two large neighbourhoods, which a small cluster of anomalies does not fill, and by the Mahalanobis
 * distance from the bulk of the rows (one step of the concentration of Rousseeuw & Van Driessen 1999); 0 to 3.
 */
export async function suspicion(rows: Matrix, options: FitOptions): Promise<Float64Array> {
  const { n } = rows;
  const sum = new Float64Array(n);
  const add = (scores: Float32Array) => {
    for (const [i, rank] of ranks(scores).entries()) sum[i] += rank;
  };
  for (const share of NEIGHBOURHOODS) {
    const k = Math.min(n - 1, Math.max(FEWEST, Math.round(share * Math.min(n, CORESET))));
    add(await scoresOf(await nearest('far', k, 'kth').fit(rows, options), rows, options));
  }
  const first = ledoitWolf(rows);
  const distances = await scoresOf(gaussian(first.mean, first.covariance, rows.d), rows, options);
  const bulk = ledoitWolf(rowsAt(rows, leastOf(distances, 1 - SET_ASIDE)));
  add(await scoresOf(gaussian(bulk.mean, bulk.covariance, rows.d), rows, options));
  return sum;
}

/** The numbers of the rows with the smallest values, `share` of all, ascending. */
export function leastOf(values: Float32Array | Float64Array, share: number): Uint32Array {
  const order = new Uint32Array(values.length).map((_, i) => i);
  order.sort((a, b) => values[a] - values[b] || a - b);
  return order.slice(0, Math.max(1, Math.ceil(share * values.length))).sort();
}

/** Each value's rank, as a share of all. */
function ranks(values: Float32Array): Float64Array {
  const order = new Uint32Array(values.length).map((_, i) => i);
  order.sort((a, b) => values[a] - values[b] || a - b);
  const result = new Float64Array(values.length);
  for (let i = 0; i < order.length; i++) result[order[i]] = i / order.length;
  return result;
}

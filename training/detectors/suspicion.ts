import { type Matrix, selectRows } from '../runtime/rows.ts';
import { type FitOptions, fitDetector } from './detector.ts';
import { CORESET, nearest } from './knn.ts';
import { gaussian, ledoitWolf } from './mahalanobis.ts';
import { scoreRows } from './run.ts';

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
    add(await scoreRows(await fitDetector(nearest('far', k, 'kth'), rows, options), rows, options));
  }
  const first = ledoitWolf(rows);
  const distances = await scoreRows(gaussian(first.mean, first.covariance, rows.d), rows, options);
  const bulk = ledoitWolf(selectRows(rows, leastOf(distances, 1 - SET_ASIDE)));
  add(await scoreRows(gaussian(bulk.mean, bulk.covariance, rows.d), rows, options));
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

/** A group of fewer rows is taken together with the other small ones. */
const FEWEST_ALIKE = 20;

/**
 * The group that each row is of: rows that are alike in every column that has two values only (a flag, one category of
 * several, whether a number is missing). Small groups are one, number 0. What is rarer is farther from the rest, but
 * no anomaly for that: within its group, a row is compared with its like.
 */
export function groups({ values, n, d }: Matrix): Uint32Array {
  const columns = Array.from({ length: d }, (_, j) => j).filter((j) => isBinary(values, n, d, j));
  const rows = new Map<string, number[]>();
  for (let i = 0; i < n; i++) {
    const signature = columns.map((j) => (values[i * d + j] === values[j] ? '0' : '1')).join('');
    const own = rows.get(signature);
    if (own) own.push(i);
    else rows.set(signature, [i]);
  }
  const result = new Uint32Array(n);
  let group = 0;
  for (const own of rows.values()) {
    if (own.length < FEWEST_ALIKE) continue;
    group++;
    for (const i of own) result[i] = group;
  }
  return result;
}

function isBinary(values: Float32Array, n: number, d: number, j: number): boolean {
  let other = Number.NaN;
  for (let i = 1; i < n; i++) {
    const value = values[i * d + j];
    if (value === values[j] || value === other) continue;
    if (!Number.isNaN(other)) return false;
    other = value;
  }
  return !Number.isNaN(other);
}

/** The numbers of the rows with the smallest values of their group, `share` of each, ascending. */
export function leastOfEach(values: Float64Array, group: Uint32Array, share: number): Uint32Array {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < values.length; i++) {
    const own = rows.get(group[i]);
    if (own) own.push(i);
    else rows.set(group[i], [i]);
  }
  const kept = [...rows.values()].flatMap((own) =>
    Array.from(
      leastOf(
        Float64Array.from(own, (i) => values[i]),
        share,
      ),
      (at) => own[at],
    ),
  );
  return Uint32Array.from(kept).sort();
}

import { type Matrix, selectRows } from '../runtime/rows.ts';
import { type FitOptions, fitDetector } from './detector.ts';
import { CORESET, createKnn } from './knn.ts';
import { buildMahalanobis, ledoitWolf } from './mahalanobis.ts';
import { runDetector } from './run.ts';
import { findTwoValued } from './two-valued.ts';

/** Shares of the rows in two neighbourhoods: larger than any cluster of anomalies is likely to be. */
const NEIGHBOURHOODS = [0.05, 0.1];
/** The fewest rows in a neighbourhood. */
const FEWEST = 5;
/** The share of the rows that is left out when the Gaussian is fitted again. */
const SET_ASIDE = 0.3;

/**
 * How suspicious each training row is before any detector is fitted, from 0 to 3: the sum of three ranks. Two are by the
 * distance to the farthest row of a large neighbourhood, one that a small cluster of anomalies cannot fill. The third is
 * by the Mahalanobis distance from the bulk of the rows (one concentration step of Rousseeuw & Van Driessen 1999).
 */
export async function measureSuspicion(rows: Matrix, options: FitOptions): Promise<Float64Array> {
  const { n } = rows;
  const sum = new Float64Array(n);
  const addRanks = (scores: Float32Array) => {
    for (const [i, rank] of rankAsShares(scores).entries()) sum[i] += rank;
  };
  for (const share of NEIGHBOURHOODS) {
    const k = Math.min(n - 1, Math.max(FEWEST, Math.round(share * Math.min(n, CORESET))));
    addRanks(await runDetector(await fitDetector(createKnn('far', k, 'kth'), rows, options), rows, options));
  }
  const first = ledoitWolf(rows);
  const distances = await runDetector(buildMahalanobis(first.mean, first.covariance, rows.d), rows, options);
  const bulk = ledoitWolf(selectRows(rows, selectLeast(distances, 1 - SET_ASIDE)));
  addRanks(await runDetector(buildMahalanobis(bulk.mean, bulk.covariance, rows.d), rows, options));
  return sum;
}

/** The indices of the `share` of rows with the smallest values, rounded up, at least one; ascending. */
export function selectLeast(values: Float32Array | Float64Array, share: number): Uint32Array {
  const order = new Uint32Array(values.length).map((_, i) => i);
  order.sort((a, b) => values[a] - values[b] || a - b);
  return order.slice(0, Math.max(1, Math.ceil(share * values.length))).sort();
}

/** Each value's rank divided by their number: from 0 to below 1. */
function rankAsShares(values: Float32Array): Float64Array {
  const order = new Uint32Array(values.length).map((_, i) => i);
  order.sort((a, b) => values[a] - values[b] || a - b);
  const result = new Float64Array(values.length);
  for (let i = 0; i < order.length; i++) result[order[i]] = i / order.length;
  return result;
}

/** Groups with fewer rows are merged into one. */
const FEWEST_ALIKE = 20;

/**
 * Groups rows that agree in every column with exactly two values (a flag, one category of several, whether a number is
 * missing). Returns each row's group; 0 is all groups that are too small. A rare value takes a row far from the others
 * without making it an anomaly, so rows are compared within their group.
 */
export function groupRows(all: Matrix): Uint32Array {
  const { values, n, d } = all;
  const twoValued = findTwoValued(all);
  const columns = Array.from({ length: d }, (_, j) => j).filter((j) => twoValued[j]);
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

/** The indices of the `share` of each group's rows with the smallest values, as {@link selectLeast}; ascending. */
export function selectLeastByGroup(values: Float64Array, group: Uint32Array, share: number): Uint32Array {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < values.length; i++) {
    const own = rows.get(group[i]);
    if (own) own.push(i);
    else rows.set(group[i], [i]);
  }
  const kept = [...rows.values()].flatMap((own) =>
    Array.from(
      selectLeast(
        Float64Array.from(own, (i) => values[i]),
        share,
      ),
      (at) => own[at],
    ),
  );
  return Uint32Array.from(kept).sort();
}

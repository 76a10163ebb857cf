import { spearman } from '../../bundle/rank.ts';
import type { MapQuality } from '../../bundle/report.ts';
import type { Matrix } from '../runtime/rows.ts';

/** Points that are looked at, at most, and those among which distances are compared. */
const SAMPLED = 500;
const COMPARED = 300;

/** Neighbours of the measures that take one number of them, and of the wider one. */
const [NEAR, WIDE] = [10, 100];

/**
 * How well a map keeps the neighbourhoods and distances of its points, measured on up to 500 of them, evenly spaced.
 *
 * - The shares of the 10 and of the 100 nearest points that are among as many nearest on the map.
 * - Trustworthiness and continuity (Venna & Kaski 2001) for k = 10: 1 if no point comes among the nearest on the map, or
 *   goes from them, that is not among the nearest; less, the further away such points are in rank.
 * - Spearman's correlation of the distances with those on the map.
 *
 * @param points n × d, with n above 20; ties between distances go to the lower index
 * @param embedding n × 2 or n × 3
 */
export function measureQuality(points: Matrix, embedding: Float32Array): MapQuality {
  const { n } = points;
  const map: Matrix = { values: embedding, n, d: embedding.length / n };
  const sampled = spread(n, SAMPLED);
  const wide = n > 2 * WIDE ? WIDE : NEAR;
  const [far, away] = [new Float64Array(n), new Float64Array(n)];
  let [near, kept, intruding, missing] = [0, 0, 0, 0];
  for (const i of sampled) {
    measureDistances(points, i, far);
    measureDistances(map, i, away);
    const [truth, found] = [nearest(far, i, wide), nearest(away, i, wide)];
    const [own, shown] = [truth.subarray(0, NEAR), found.subarray(0, NEAR)];
    near += countShared(own, shown);
    kept += countShared(truth, found);
    for (const j of shown) if (!own.includes(j)) intruding += rankOf(far, i, j) - NEAR;
    for (const j of own) if (!shown.includes(j)) missing += rankOf(away, i, j) - NEAR;
  }
  const m = sampled.length;
  const worst = (m * NEAR * (2 * n - 3 * NEAR - 1)) / 2;
  return {
    points: m,
    kept_10: near / (m * NEAR),
    kept_100: wide === WIDE ? kept / (m * WIDE) : null,
    trustworthiness: 1 - intruding / worst,
    continuity: 1 - missing / worst,
    distance_correlation: correlateDistances(points, map),
  };
}

/** Up to `most` of n indices, evenly spaced. */
function spread(n: number, most: number): Int32Array {
  const count = Math.min(n, most);
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}

/** The squared distances of all points from point i. */
function measureDistances({ values, n, d }: Matrix, i: number, target: Float64Array): void {
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let a = i * d, b = j * d, end = a + d; a < end; a++, b++) sum += (values[a] - values[b]) ** 2;
    target[j] = sum;
  }
}

/** Whether j is nearer than k: ties go to the lower index. */
const isNearer = (distances: Float64Array, j: number, k: number): boolean =>
  distances[j] < distances[k] || (distances[j] === distances[k] && j < k);

/** The k nearest points but i, in order. */
function nearest(distances: Float64Array, i: number, k: number): Int32Array {
  const found = new Int32Array(k);
  let count = 0;
  for (let j = 0; j < distances.length; j++) {
    if (j === i || (count === k && !isNearer(distances, j, found[k - 1]))) continue;
    let at = count < k ? count++ : k - 1;
    for (; at > 0 && isNearer(distances, j, found[at - 1]); at--) found[at] = found[at - 1];
    found[at] = j;
  }
  return found;
}

/** The rank of j among the other points by distance from i, from 1. */
function rankOf(distances: Float64Array, i: number, j: number): number {
  let rank = 1;
  for (let k = 0; k < distances.length; k++) if (k !== i && isNearer(distances, k, j)) rank++;
  return rank;
}

function countShared(a: Int32Array, b: Int32Array): number {
  const members = new Set(a);
  return b.reduce((count, j) => count + Number(members.has(j)), 0);
}

/** Spearman's rank correlation of the distances between some points with those on the map; 0 if all of one kind are equal. */
function correlateDistances(points: Matrix, map: Matrix): number {
  const sampled = spread(points.n, COMPARED);
  const [far, away] = [new Float64Array(points.n), new Float64Array(points.n)];
  const [x, y]: [number[], number[]] = [[], []];
  for (const i of sampled) {
    measureDistances(points, i, far);
    measureDistances(map, i, away);
    for (const j of sampled) {
      if (j >= i) break;
      x.push(far[j]);
      y.push(away[j]);
    }
  }
  const correlation = spearman(Float64Array.from(x), Float64Array.from(y));
  return Number.isNaN(correlation) ? 0 : correlation;
}

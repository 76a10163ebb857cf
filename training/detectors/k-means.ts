import type { Random } from '../../kernels/random.ts';
import type { Matrix } from '../runtime/rows.ts';

const ITERATIONS = 15;

/**
 * k-means (Lloyd 1982) from centres drawn by k-means++ (Arthur & Vassilvitskii 2007). Returns the centres, k × d, each
 * the mean of its rows, and each row's centre as an index, [n]. When it has converged, that is the nearest centre.
 */
export function kMeans({ values, n, d }: Matrix, k: number, random: Random) {
  const centres = new Float64Array(k * d);
  const toNearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const put = (c: number, row: number) => {
    for (let j = 0; j < d; j++) centres[c * d + j] = values[row * d + j];
  };
  put(0, random.below(n));
  for (let c = 1; c < k; c++) {
    let total = 0;
    for (let i = 0; i < n; i++) {
      toNearest[i] = Math.min(toNearest[i], squaredDistance(values, i, centres, c - 1, d));
      total += toNearest[i];
    }
    let left = random.uniform() * total;
    let row = 0;
    while (row < n - 1 && left > toNearest[row]) left -= toNearest[row++];
    put(c, row);
  }
  const labels = new Uint32Array(n);
  const counts = new Float64Array(k);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    let changed = 0;
    for (let i = 0; i < n; i++) {
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let c = 0; c < k; c++) {
        const distance = squaredDistance(values, i, centres, c, d);
        if (distance < least) [best, least] = [c, distance];
      }
      if (labels[i] !== best || iteration === 0) changed++;
      labels[i] = best;
    }
    if (changed === 0) break;
    const sums = new Float64Array(k * d);
    counts.fill(0);
    for (let i = 0; i < n; i++) {
      counts[labels[i]]++;
      for (let j = 0; j < d; j++) sums[labels[i] * d + j] += values[i * d + j];
    }
    // The centre of a cluster that has lost all its rows stays where it is.
    for (let p = 0; p < k * d; p++) {
      const count = counts[Math.floor(p / d)];
      if (count > 0) centres[p] = sums[p] / count;
    }
  }
  return { centres, labels };
}

function squaredDistance(
  values: Float32Array,
  row: number,
  centres: Float64Array,
  c: number,
  d: number,
): number {
  let sum = 0;
  for (let j = 0, a = row * d, b = c * d; j < d; j++, a++, b++) sum += (values[a] - centres[b]) ** 2;
  return sum;
}

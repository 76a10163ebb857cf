/**
 * Area under the ROC curve: the probability that an outlier scores above a normal sample, ties counting
 * half (the Mann–Whitney statistic; Hanley & McNeil 1982), by ranks in O(n log n).
 */
export function auroc(normal: Float32Array, outliers: Float32Array): number {
  const { scores, isOutlier } = descending(normal, outliers);
  let above = 0;
  let area = 0;
  for (let i = 0; i < scores.length; ) {
    let [tiedOutliers, tiedNormal] = [0, 0];
    const score = scores[i];
    for (; i < scores.length && scores[i] === score; i++) {
      if (isOutlier[i]) tiedOutliers++;
      else tiedNormal++;
    }
    area += tiedNormal * (above + tiedOutliers / 2);
    above += tiedOutliers;
  }
  return area / (normal.length * outliers.length);
}

/**
 * The ROC curve from (0, 0) to (1, 1), one point a distinct score, thinned to those that are at least
 * `1 / resolution` from the one before in either rate.
 */
export function rocCurve(
  normal: Float32Array,
  outliers: Float32Array,
  resolution = 200,
): { fpr: number[]; tpr: number[] } {
  const { scores, isOutlier } = descending(normal, outliers);
  const fpr = [0];
  const tpr = [0];
  let [falsePositives, truePositives] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    if (isOutlier[i]) truePositives++;
    else falsePositives++;
    if (i + 1 < scores.length && scores[i + 1] === scores[i]) continue;
    const x = falsePositives / normal.length;
    const y = truePositives / outliers.length;
    const last = i === scores.length - 1;
    if (last || x - fpr.at(-1)! >= 1 / resolution || y - tpr.at(-1)! >= 1 / resolution) {
      fpr.push(x);
      tpr.push(y);
    }
  }
  return { fpr, tpr };
}

/** All scores, the largest first, and which of them are outliers'. */
function descending(normal: Float32Array, outliers: Float32Array) {
  const all = new Float32Array(normal.length + outliers.length);
  all.set(normal);
  all.set(outliers, normal.length);
  const order = new Uint32Array(all.length).map((_, i) => i).sort((a, b) => all[b] - all[a]);
  return {
    scores: Float32Array.from(order, (i) => all[i]),
    isOutlier: Uint8Array.from(order, (i) => Number(i >= normal.length)),
  };
}

/** `bins + 1` edges, equal steps of the logarithm from the smallest positive value to the largest. */
export function logEdges(values: readonly Float32Array[], bins: number): number[] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const array of values) {
    for (const value of array) {
      if (value > 0 && value < low) low = value;
      if (value > high) high = value;
    }
  }
  const step = Math.log(high / low) / bins;
  return Array.from({ length: bins + 1 }, (_, i) => low * Math.exp(i * step));
}

/** The share of the values in each bin; the outer bins also hold what lies beyond them. */
export function histogram(values: Float32Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const value of values) {
    let low = 0;
    let high = counts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value < edges[middle]) high = middle;
      else low = middle;
    }
    counts[low]++;
  }
  return counts.map((count) => count / values.length);
}

/** The arithmetic mean, summed in float64. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

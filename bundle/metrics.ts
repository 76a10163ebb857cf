/**
 * Area under the ROC curve: the probability that an outlier scores higher than a normal sample, where a tie counts half
 * (the Mann–Whitney statistic; Hanley & McNeil 1982). O(n log n).
 */
export function auroc(normal: Float32Array, outliers: Float32Array): number {
  const sorted = normal.toSorted();
  let [below, upTo, area] = [0, 0, 0];
  for (const score of outliers.toSorted()) {
    while (sorted[below] < score) below++;
    while (sorted[upTo] <= score) upTo++;
    area += (below + upTo) / 2;
  }
  return area / (normal.length * outliers.length);
}

/**
 * The ROC curve from (0, 0) to (1, 1), with one point per distinct score, thinned to points at least `1 / resolution`
 * from the one before in either rate.
 */
export function rocCurve(
  normal: Float32Array,
  outliers: Float32Array,
  resolution = 200,
): { fpr: number[]; tpr: number[] } {
  const { scores, isOutlier } = sortDescending(normal, outliers);
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

/** For each distinct score as the threshold, the largest first: how many samples score at least as high. */
export interface OperatingCurve {
  readonly threshold: Float32Array;
  readonly falsePositives: Uint32Array;
  readonly truePositives: Uint32Array;
}

/** One point per distinct score, the largest first; the last one flags every sample. */
export function operatingCurve(normal: Float32Array, outliers: Float32Array): OperatingCurve {
  const { scores, isOutlier } = sortDescending(normal, outliers);
  const threshold: number[] = [];
  const falsePositives: number[] = [];
  const truePositives: number[] = [];
  let above = 0;
  for (let i = 0; i < scores.length; i++) {
    above += isOutlier[i];
    if (i + 1 < scores.length && scores[i + 1] === scores[i]) continue;
    threshold.push(scores[i]);
    truePositives.push(above);
    falsePositives.push(i + 1 - above);
  }
  return {
    threshold: Float32Array.from(threshold),
    falsePositives: Uint32Array.from(falsePositives),
    truePositives: Uint32Array.from(truePositives),
  };
}

/**
 * Average precision, Σₖ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores in descending order, for precision P and recall R: the
 * area under the precision–recall curve without interpolation. Random scores get the share of outliers.
 */
export function averagePrecision(normal: Float32Array, outliers: Float32Array): number {
  const { falsePositives, truePositives } = operatingCurve(normal, outliers);
  let sum = 0;
  let before = 0;
  for (const [k, found] of truePositives.entries()) {
    if (found > before) sum += ((found - before) * found) / (found + falsePositives[k]);
    before = found;
  }
  return sum / outliers.length;
}

/** The normal quantile for a two-sided interval of 95 %. */
const Z95 = 1.959963984540054;

/**
 * A confidence interval of about 95 % for the probability behind `count` of `of` cases (Wilson 1927). It stays within
 * 0 to 1 and holds for few cases too, and for 0 or all of them.
 */
export function binomialInterval(count: number, of: number): [number, number] {
  const share = count / of;
  const square = Z95 ** 2;
  const middle = (share + square / (2 * of)) / (1 + square / of);
  const half = (Z95 / (1 + square / of)) * Math.sqrt((share * (1 - share)) / of + square / (4 * of * of));
  return [count === 0 ? 0 : Math.max(0, middle - half), count === of ? 1 : Math.min(1, middle + half)];
}

/**
 * A confidence interval of about 95 % for {@link auroc}: the variance of DeLong, DeLong & Clarke-Pearson (1988) on the
 * logit scale, which keeps the interval within 0 to 1. Scores that separate all samples have no variance; then it is the
 * interval for as many cases as the smaller group has. O(n log n).
 */
export function aurocInterval(normal: Float32Array, outliers: Float32Array): [number, number] {
  const area = auroc(normal, outliers);
  const variance =
    varianceOf(placements(outliers, normal)) / outliers.length +
    varianceOf(placements(normal, outliers)) / normal.length;
  const cases = Math.min(normal.length, outliers.length);
  if (!(variance > 0) || area === 0 || area === 1) return binomialInterval(area * cases, cases);
  const logit = Math.log(area / (1 - area));
  const half = (Z95 * Math.sqrt(variance)) / (area * (1 - area));
  return [logistic(logit - half), logistic(logit + half)];
}

/**
 * A confidence interval of about 95 % for an average precision over `outliers` samples: that of a share of them (Boyd, Eng
 * & Page, "Area under the precision-recall curve", 2013).
 */
export const averagePrecisionInterval = (value: number, outliers: number): [number, number] =>
  binomialInterval(value * outliers, outliers);

const logistic = (value: number) => 1 / (1 + Math.exp(-value));

/** For each value, the share of the others that are smaller, where a tie counts half. */
function placements(values: Float32Array, others: Float32Array): Float64Array {
  const sorted = others.toSorted();
  let [below, upTo] = [0, 0];
  return Float64Array.from(values.toSorted(), (value) => {
    while (sorted[below] < value) below++;
    while (sorted[upTo] <= value) upTo++;
    return (below + upTo) / (2 * others.length);
  });
}

/** The variance of a sample; 0 for a single value. */
function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(values.length - 1, 1);
}

/** All scores, the largest first, and whether each is an outlier's. */
function sortDescending(normal: Float32Array, outliers: Float32Array) {
  const all = new Float32Array(normal.length + outliers.length);
  all.set(normal);
  all.set(outliers, normal.length);
  const order = new Uint32Array(all.length).map((_, i) => i).sort((a, b) => all[b] - all[a]);
  return {
    scores: Float32Array.from(order, (i) => all[i]),
    isOutlier: Uint8Array.from(order, (i) => Number(i >= normal.length)),
  };
}

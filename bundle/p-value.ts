/** The usual significance level: a sample with a p-value of at most this is anomalous. See {@link defaultSignificance}. */
export const USUAL_SIGNIFICANCE = 0.01;

/** The significance levels for which the manifest and the report give thresholds. */
export const LEVELS = [0.001, 0.005, 0.01, 0.05, 0.1] as const;

/** Scores closer than this, relatively and absolutely, count as equal, because float32 rounds them. */
export const TIE = { relative: 1e-5, absolute: 1e-6 } as const;

/** The smallest p-value that a calibration split of this size allows: the sample scores above all of it. */
export const smallestPValue = (calibrationCount: number): number => 1 / (calibrationCount + 1);

/** The lowest significance level that can flag a sample: the smallest p-value, rounded up to two significant digits. */
export function lowestSignificance(calibrationCount: number): number {
  const smallest = smallestPValue(calibrationCount);
  const unit = 10 ** (Math.floor(Math.log10(smallest)) - 1);
  return Number((unit * Math.ceil(smallest / unit - 1e-9)).toPrecision(2));
}

/** The significance level for a model if none is given: 0.01, or the lowest that can flag a sample if that is higher. */
export const defaultSignificance = (calibrationCount: number): number =>
  Math.max(USUAL_SIGNIFICANCE, lowestSignificance(calibrationCount));

/** A significance level in words, with where it comes from if it is a default other than 0.01. */
export function describeSignificance(level: number, calibrationCount: number): string {
  if (level === USUAL_SIGNIFICANCE || level !== lowestSignificance(calibrationCount)) return `p ≤ ${level}`;
  return `p ≤ ${level}, the smallest p-value of ${calibrationCount} calibration samples, rounded up`;
}

/**
 * A p-value of the scorer, corrected to double precision. The graph computes it in float32 (see
 * training/scorer/p-value.ts), where 0.05 is not exactly 0.05; the true value is a multiple of
 * 1 / (calibrationCount + 1).
 */
export const exactPValue = (pValue: number, calibrationCount: number): number =>
  Math.round(pValue * (calibrationCount + 1)) / (calibrationCount + 1);

/**
 * Finds the largest score that is not flagged at a significance level: a sample is anomalous (p ≤ level) if and only
 * if it scores above. Given n calibration scores in ascending order, p ≤ level means that at most
 * ⌊level (n + 1)⌋ − 1 of them are as large, apart from {@link TIE}. Undefined if the level is below 1 / (n + 1),
 * where nothing can be flagged.
 */
export function findThreshold(sorted: Float32Array, level: number): number | undefined {
  const n = sorted.length;
  const allowed = Math.floor(level * (n + 1) + 1e-9) - 1;
  if (allowed < 0) return undefined;
  return (sorted[n - 1 - allowed] + TIE.absolute) / (1 - TIE.relative);
}

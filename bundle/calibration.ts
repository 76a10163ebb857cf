/** The levels that the manifest and the report give thresholds for. */
export const LEVELS = [0.001, 0.005, 0.01, 0.05, 0.1] as const;

/** The default significance level: a sample whose p-value is at most this is anomalous. */
export const DEFAULT_SIGNIFICANCE = 0.01;

/** Scores that differ by less, relatively and absolutely, are the same: float32 rounds them. */
export const TIE = { relative: 1e-5, absolute: 1e-6 } as const;

/**
 * The largest score that is not flagged at a significance level: a sample is anomalous (p ≤ level) if and
 * only if its score is above. Of n sorted calibration scores, p ≤ level means that at most
 * ⌊level (n + 1)⌋ − 1 of them are as large, but for {@link TIE}. Undefined where the level is below 1 / (n + 1), at which
 * nothing can be flagged.
 */
export function threshold(sorted: Float32Array, level: number): number | undefined {
  const n = sorted.length;
  const allowed = Math.floor(level * (n + 1) + 1e-9) - 1;
  if (allowed < 0) return undefined;
  return (sorted[n - 1 - allowed] + TIE.absolute) / (1 - TIE.relative);
}

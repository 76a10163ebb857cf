/** The levels that the manifest and the report give thresholds for. */
export const LEVELS = [0.001, 0.005, 0.01, 0.05, 0.1] as const;

/**
 * The largest score that is not flagged at a significance level: a sample is anomalous (p ≤ level) if and
 * only if its score is above. Of n sorted calibration scores, p ≤ level means that at most
 * ⌊level (n + 1)⌋ − 1 of them are as large. Undefined where the level is below 1 / (n + 1), at which
 * nothing can be flagged.
 */
export function threshold(sorted: Float32Array, level: number): number | undefined {
  const n = sorted.length;
  const allowed = Math.floor(level * (n + 1) + 1e-9) - 1;
  return allowed < 0 ? undefined : sorted[n - 1 - allowed];
}

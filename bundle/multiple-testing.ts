/** The outcome of testing many hypotheses at once. */
export interface Discoveries {
  /** Whether each test is a discovery. */
  discovery: boolean[];
  count: number;
  /** The largest p-value of a discovery: a test is a discovery if its p-value is at most this. Null if there are none. */
  threshold: number | null;
}

/** Tolerance for rounding: p-values are multiples of 1 / (n + 1), and some lie exactly on the line. */
const ROUNDING = 1 + 1e-12;

/**
 * Controls the false discovery rate at `q` by the step-up procedure of Benjamini & Hochberg, "Controlling the false
 * discovery rate: a practical and powerful approach to multiple testing" (1995): given m p-values in ascending order,
 * the discoveries are all up to the last one with p₍ₖ₎ ≤ k q / m. On average, at most the share q of them is false.
 * Conformal p-values that share a calibration split are dependent, but positively, so the guarantee holds for them too
 * (Bates et al., "Testing for outliers with conformal p-values", 2023). Throws a RangeError if q is not between 0 and 1.
 */
export function benjaminiHochberg(pValues: readonly number[], q: number): Discoveries {
  if (!(q > 0 && q < 1)) throw new RangeError(`a false discovery rate of ${q}, expected above 0 and below 1`);
  const m = pValues.length;
  const last = pValues.toSorted((a, b) => a - b).findLast((p, i) => p * m <= (i + 1) * q * ROUNDING);
  const discovery = pValues.map((p) => last !== undefined && p <= last);
  return { discovery, count: discovery.filter(Boolean).length, threshold: last ?? null };
}

/**
 * Estimates the false discovery rate of flagging every p-value up to a level: of m tests, at most m × level are flagged by
 * chance on average. It is the rate at which {@link benjaminiHochberg} would flag the same tests. Null if none is flagged.
 */
export const estimateFalseDiscoveries = (tests: number, flagged: number, level: number): number | null =>
  flagged === 0 ? null : Math.min(1, (tests * level) / flagged);

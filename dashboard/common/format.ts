const whole = new Intl.NumberFormat('en');

/** A count with thousands separators. */
export const formatCount = (value: number): string => whole.format(value);

/** Three significant digits, without exponents where a reader can do without. */
export function formatNumber(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(digits - 1).replace('e+', 'e');
  return size >= 1000 ? whole.format(Math.round(value)) : value.toPrecision(digits);
}

/** A significance level, as short as it goes: `0.01`. */
export const formatLevel = (significance: number): string => String(Number(significance.toPrecision(2)));

/** A share as a percentage: 0.052 is `5.2%`. */
export const formatPercent = (share: number): string =>
  `${Number((100 * share).toPrecision(share < 0.1 ? 2 : 3))}%`;

/** An area under a curve: as many nines as it has, `1` only when it is 1. */
export const formatArea = (value: number): string =>
  value === 1 ? '1' : value.toFixed(Math.min(6, Math.max(3, 1 + Math.ceil(-Math.log10(1 - value)))));

/** A duration in milliseconds. */
export const formatMilliseconds = (value: number): string =>
  `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** Seconds as people say them: `7.1 s`, `1 min 42 s`. */
export const formatDuration = (seconds: number): string =>
  seconds < 60
    ? `${formatNumber(seconds, 2)} s`
    : `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`;

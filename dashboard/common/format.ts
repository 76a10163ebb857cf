const whole = new Intl.NumberFormat('en');

/** A number rounded to significant digits. */
export const roundTo = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** A count with thousands separators: `12,345`. */
export const formatCount = (value: number): string => whole.format(value);

/**
 * A number to three significant digits or, from a thousand on, all digits before the point; with an exponent only below
 * 0.0001 and from a million on.
 */
export function formatNumber(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return value.toExponential(digits - 1).replace('e+', 'e');
  const text = value.toPrecision(digits);
  return size >= 1000 || text.includes('e') ? whole.format(Math.round(value)) : text;
}

/** A number with a sign in either direction: `+1.5`, `−1.5`. */
export const formatSigned = (value: number, digits = 3): string =>
  `${value < 0 ? '−' : '+'}${formatNumber(Math.abs(value), digits)}`;

/** A significance level without trailing zeros: `0.01`. */
export const formatLevel = (significance: number): string => String(roundTo(significance, 6));

/** A share as a percentage: 0.052 is `5.2%`. */
export const formatPercent = (share: number): string =>
  `${roundTo(100 * share, Math.abs(share) < 0.1 ? 2 : 3)}%`;

/** An area under a curve: enough digits to show how far it is from 1, and `1` only when it is 1. */
export const formatArea = (value: number): string =>
  value === 1 ? '1' : value.toFixed(Math.min(6, Math.max(3, 1 + Math.ceil(-Math.log10(1 - value)))));

/** Between a number and its unit, so that no line breaks there. */
const NO_BREAK = '\u00a0';

/** A duration in milliseconds. */
export const formatMilliseconds = (value: number): string =>
  `${value < 10 ? value.toFixed(1) : Math.round(value)}${NO_BREAK}ms`;

/** A duration in seconds: `7.1 s`, `1 min 42 s`. */
export const formatDuration = (seconds: number): string =>
  Math.round(seconds) < 60
    ? `${formatNumber(seconds, 2)}${NO_BREAK}s`
    : [Math.floor(Math.round(seconds) / 60), 'min', Math.round(seconds) % 60, 's'].join(NO_BREAK);

/** A surprise in nats. Rounding can make it slightly negative; that is shown as 0. */
export function formatNats(surprise: number): string {
  const digits = surprise < 10 ? 2 : surprise < 100 ? 1 : 0;
  return Math.max(surprise, 0).toFixed(digits);
}

/** A surprise in nats as odds: `1 in 20`. So many `rows` tell nothing about what is rarer than one of them. */
export function formatOdds(surprise: number, rows: number): string {
  const rarity = Math.exp(surprise);
  if (rarity < 1.05) return 'as usual';
  if (rarity > rows) return `1 in ${formatCount(rows)} or rarer`;
  return `1 in ${formatCount(roundTo(rarity, 2))}`;
}

/** An interval, each end by `format`: `0.91 to 0.97`. */
export const formatInterval = (
  [low, high]: readonly [number, number],
  format: (value: number) => string,
): string => `${format(low)} to ${format(high)}`;

/** `2026-01-01T22:20:00Z` without what is clear: a date and, in UTC, a time. */
export const readableDate = (text: string): string => text.replace('T', ' ').replace(/(:00)?Z$/, '');

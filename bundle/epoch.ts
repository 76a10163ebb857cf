import { plainText } from './cell-text.ts';
import { isInCalendar } from './date-format.ts';
import { parseNumber } from './number-text.ts';

const DAY_SECONDS = 86_400;

/** Longer texts are no numbers of a unit. */
const LONGEST = 128;

/** Units in which dates are counted from 1970-01-01 UTC, as computers do: how many are in a second. */
const EPOCH_UNITS = { seconds: 1, milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 } as const;
export type EpochUnit = keyof typeof EPOCH_UNITS;
export const EPOCH_UNIT_NAMES = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const;

/** A year in days. */
const YEAR = 365;

/**
 * Days since 1970-01-01 UTC of a number of such units; undefined beyond the years 100 to 9999, and within a year of 1970: a
 * clock that is not set counts from 0, and seconds among milliseconds are days in January 1970.
 */
export function epochDays(value: number, unit: EpochUnit): number | undefined {
  const days = value / EPOCH_UNITS[unit] / DAY_SECONDS;
  return isInCalendar(days) && Math.abs(days) >= YEAR ? days : undefined;
}

/** A whole number in at least three groups of thousands, of which it is clear that they are no fraction. */
const GROUPED = /^\d{1,3}([., '\u2019\u02bc\u00a0\u2009\u202f])\d{3}(?:\1\d{3})+$/;

/** Parses a number of seconds and the like, which is so long that it may be in groups of thousands. */
export function parseEpoch(text: string): number | undefined {
  const trimmed = text.length > LONGEST ? '' : plainText(text);
  return parseNumber(GROUPED.test(trimmed) ? trimmed.replaceAll(/\D/g, '') : trimmed);
}

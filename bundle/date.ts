import { plainText } from './cell-text.ts';
import { toYearFirst } from './date-forms.ts';
import { parseNumber } from './number-text.ts';

const DATE =
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(?:T|\s+)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?)?(?:\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?$/i;
const MONTH = /^(\d{4})[-/](\d{1,2})$/;
const DAY_SECONDS = 86_400;

/** Longer texts are no dates. */
const LONGEST = 128;

/** The first and the last day that a date may have, the years 100 to 9999, counted from 1970-01-01. */
const [FIRST_DAY, LAST_DAY] = [Date.UTC(100, 0, 1), Date.UTC(10_000, 0, 1)].map((ms) => ms / 86_400_000) as [
  number,
  number,
];

/** Units in which dates are counted from 1970-01-01 UTC, as computers do: how many are in a second. */
const EPOCH_UNITS = { seconds: 1, milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 } as const;
export type EpochUnit = keyof typeof EPOCH_UNITS;
export const EPOCH_UNIT_NAMES = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const;

/** Whether days since 1970-01-01 are in the years that a date may have. */
export const isInCalendar = (days: number): boolean => days >= FIRST_DAY && days < LAST_DAY;

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

/**
 * Parses a date or time to days since 1970-01-01 UTC: year, month and day with -, / or . between them, as in ISO 8601 or
 * without leading zeros, day, month and year with dots, or the name of a month; perhaps a time and a zone. Without a zone it is in UTC; without
 * a day it is the first of the month. 24:00 is the next midnight. Undefined if it is no date.
 */
export function parseDate(text: string): number | undefined {
  if (text.length > LONGEST) return undefined;
  const trimmed = plainText(text);
  const match = DATE.exec(toYearFirst(trimmed));
  if (!match) {
    const [, year, month] = MONTH.exec(trimmed) ?? [];
    return year === undefined ? undefined : parseDate(`${year}-${month}-1`);
  }
  const [year, month, day, hour, minute, second] = [1, 3, 4, 5, 6, 7].map((i) => Number(match[i] ?? 0));
  const midnight = new Date(Date.UTC(year!, month! - 1, day));
  const exists = midnight.getUTCMonth() === month! - 1 && midnight.getUTCDate() === day && year! > 99;
  if (!exists || minute! > 59 || second! > 59) return undefined;
  const fraction = match[8] === undefined ? 0 : Number(`0.${match[8]}`);
  if (hour! > 24 || (hour === 24 && (minute! > 0 || second! > 0 || fraction > 0))) return undefined;
  const zone = /^[+-]/.test(match[9] ?? '') ? match[9]!.replace(':', '') : '+0000';
  if (Number(zone.slice(1, 3)) > 15 || Number(zone.slice(3, 5) || 0) > 59) return undefined;
  const ahead = (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5) || 0));
  const seconds = hour! * 3600 + (minute! - ahead) * 60 + second! + fraction;
  return midnight.getTime() / 1000 / DAY_SECONDS + seconds / DAY_SECONDS;
}

/** How exactly dates are written. */
export type DatePrecision = 'second' | 'day';

/** To the second if one of these days since 1970-01-01 has a time of day; NaN is missing. */
export const datePrecision = (days: Float64Array): DatePrecision =>
  days.every((day) => Number.isNaN(day) || Number.isInteger(day)) ? 'day' : 'second';

/** Days since 1970-01-01 as ISO 8601, to the second or to the day. Undefined if no calendar goes that far. */
export function formatDate(days: number, precision: DatePrecision): string | undefined {
  const date = new Date(1000 * Math.round(days * DAY_SECONDS));
  if (Number.isNaN(date.getTime())) return undefined;
  return precision === 'second' ? date.toISOString().replace('.000Z', 'Z') : date.toISOString().slice(0, 10);
}

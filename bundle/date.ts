import { plainText } from './cell-text.ts';
import { toYearFirst } from './date-forms.ts';

const DATE =
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(?:T|\s+)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?)?(?:\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?$/i;
const MONTH = /^(\d{4})[-/](\d{1,2})$/;
const DAY_SECONDS = 86_400;

/** Longer texts are no dates. */
const LONGEST = 128;

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

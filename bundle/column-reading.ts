import { type CategoryValue, findCategories } from './category-text.ts';
import type { TableColumn } from './column-schema.ts';
import { isCount } from './column-traits.ts';
import { parseDate } from './date.ts';
import { type EpochUnit, epochDays, parseEpoch } from './epoch.ts';
import { findGaps, isGap } from './missing-value.ts';
import type { DURATION, Notation } from './notation.ts';
import { parseNumber } from './number-text.ts';
import type { RecordValue } from './record.ts';

/** The words of flags, false and true, in lower case. */
export const FLAG_WORDS: readonly (readonly [string, string])[] = [
  ['false', 'true'],
  ['no', 'yes'],
  ['f', 't'],
  ['n', 'y'],
  ['0', '1'],
];

/** How a column's values are read. */
export type Reading = {
  /** Further texts that stand for a missing value. */
  readonly na?: readonly string[] | undefined;
} & (
  | {
      readonly kind: 'number';
      /** Subtracted from each number, in float64. */
      readonly origin?: number | undefined;
      readonly notation?: Notation | typeof DURATION | undefined;
    }
  | {
      readonly kind: 'flag';
      readonly words: readonly [string, string];
      /** Whether other numbers than 0 and 1 are accepted. */
      readonly open?: boolean | undefined;
    }
  | { readonly kind: 'category'; readonly indexOf: (value: CategoryValue) => number }
  | {
      readonly kind: 'date';
      /** The day, counted from 1970-01-01, that raw values count from. */
      readonly origin: number;
      /** What numbers count from 1970-01-01 on; undefined if a number is no date. */
      readonly epoch?: EpochUnit | undefined;
    }
);

/** The raw value of a value that its column does not accept. */
export const UNFIT = Number.POSITIVE_INFINITY;

/**
 * The raw value of a value, wherever it comes from: a file, a request, a form. NaN if it is missing, −1 for a category
 * that is not known, {@link UNFIT} if the column does not accept it.
 */
export function readValue(reading: Reading, value: RecordValue): number {
  if (value === null || isGap(value, reading)) return Number.NaN;
  switch (reading.kind) {
    case 'number': {
      const number = typeof value === 'string' ? parseNumber(value, reading.notation) : value;
      if (typeof number !== 'number') return UNFIT;
      if (findGaps(reading.na, reading.notation).numbers.has(number)) return Number.NaN;
      const raw = Math.fround(number - (reading.origin ?? 0));
      return Number.isFinite(raw) ? raw : UNFIT;
    }
    case 'flag':
      return readFlag(reading, value);
    case 'category':
      return reading.indexOf(value);
    case 'date': {
      const days = readDate(value, reading);
      if (days === undefined) return UNFIT;
      return findGaps(reading.na).hasDay(days) ? Number.NaN : Math.fround(days - reading.origin);
    }
  }
}

/** 0 or 1: the words of the flag in any case, true and false, and these two numbers; of an open one, any number. */
function readFlag(
  { words, na, open }: Extract<Reading, { kind: 'flag' }>,
  value: Exclude<RecordValue, null>,
): number {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    const word = value.trim().toLowerCase();
    const at = words.findIndex((known) => known.toLowerCase() === word);
    if (at >= 0) return at;
    if (word === 'false' || word === 'true') return Number(word === 'true');
  }
  const number = typeof value === 'number' ? value : parseNumber(value);
  if (number !== undefined && findGaps(na).numbers.has(number)) return Number.NaN;
  if (number === 0 || number === 1) return number;
  const raw = open && number !== undefined ? Math.fround(number) : UNFIT;
  return Number.isFinite(raw) ? raw : UNFIT;
}

/** Days since 1970-01-01; NaN if a value is missing, undefined if it is no date. */
function readDate(
  value: Exclude<RecordValue, null>,
  { epoch, na }: Extract<Reading, { kind: 'date' }>,
): number | undefined {
  const days = typeof value === 'string' ? parseDate(value) : undefined;
  if (days !== undefined || epoch === undefined) return days;
  const number = typeof value === 'string' ? parseEpoch(value) : value;
  if (typeof number !== 'number') return undefined;
  return findGaps(na).numbers.has(number) ? Number.NaN : epochDays(number, epoch);
}

const readings = new WeakMap<TableColumn, Reading>();

/** How the values of a model's column are read. */
export function readingOf(column: TableColumn): Reading {
  const known = readings.get(column);
  if (known) return known;
  const { na } = column;
  const reading: Reading =
    column.kind === 'category'
      ? { kind: 'category', na, indexOf: findCategories(column.categories) }
      : column.kind === 'flag'
        ? { kind: 'flag', na, words: column.words, open: isCount(column) }
        : column;
  readings.set(column, reading);
  return reading;
}

import { trimText } from './cell-text.ts';
import type { TableColumn } from './column-schema.ts';
import { isCount } from './column-traits.ts';
import { type EpochUnit, epochDays, parseDate, parseEpoch } from './date.ts';
import { type DURATION, type Notation, parseNumber } from './number-text.ts';
import type { RecordValue } from './record.ts';

/** Texts that stand for a missing value, in lower case and trimmed. */
const MISSING_WORDS = new Set(
  ['', 'na', 'n/a', 'nan', 'null', 'none', '?', '-nan', '<na>', '#n/a', '#n/a n/a', '#na'].concat([
    '1.#ind',
    '-1.#ind',
    '1.#qnan',
    '-1.#qnan',
  ]),
);

/** Texts that also do where a number, a flag or a date is expected: as a category, each may be one of the values. */
const MISSING_MARKS = new Set(
  ['-', '--', '---', '\u2013', '\u2014', '.', '..', '...', 'n.a.', 'n.a', 'nil', 'nat', 'missing'].concat([
    '#null!',
    '#div/0!',
    '#value!',
    '#ref!',
    '#num!',
    '#name?',
  ]),
);

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
  | { readonly kind: 'category'; readonly indexOf: (text: string) => number }
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

/** Whether a text stands for a missing value, in a column of this kind. */
export function isMissing(text: string, { kind, na }: Pick<Reading, 'kind' | 'na'>): boolean {
  const word = trimText(text).toLowerCase();
  if (MISSING_WORDS.has(word) || (kind !== 'category' && MISSING_MARKS.has(word))) return true;
  return na?.some((known) => known.trim().toLowerCase() === word) === true;
}

/**
 * The raw value of a value, wherever it comes from: a file, a request, a form. NaN if it is missing, −1 for a category
 * that is not known, {@link UNFIT} if the column does not accept it.
 */
export function readValue(reading: Reading, value: RecordValue): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'number') {
    // A file with types has NaN for a missing value, whatever its kind.
    if (Number.isNaN(value)) return value;
  } else if (typeof value === 'string' && isMissing(value, reading)) return Number.NaN;
  switch (reading.kind) {
    case 'number': {
      const number = typeof value === 'string' ? parseNumber(value, reading.notation) : value;
      if (typeof number !== 'number') return UNFIT;
      if (findGaps(reading.na).numbers.has(number)) return Number.NaN;
      const raw = Math.fround(number - (reading.origin ?? 0));
      return Number.isFinite(raw) ? raw : UNFIT;
    }
    case 'flag':
      return readFlag(reading, value);
    case 'category':
      return reading.indexOf(String(value));
    case 'date': {
      if (typeof value === 'number' && findGaps(reading.na).numbers.has(value)) return Number.NaN;
      const days = readDate(value, reading.epoch);
      if (days === undefined) return UNFIT;
      return findGaps(reading.na).days.has(days) ? Number.NaN : Math.fround(days - reading.origin);
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

/** Days since 1970-01-01; undefined if a value is no date. */
function readDate(value: Exclude<RecordValue, null>, epoch: EpochUnit | undefined): number | undefined {
  const days = typeof value === 'string' ? parseDate(value) : undefined;
  if (days !== undefined || epoch === undefined) return days;
  const number = typeof value === 'string' ? parseEpoch(value) : value;
  return typeof number === 'number' ? epochDays(number, epoch) : undefined;
}

interface Gaps {
  readonly numbers: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
}
const NO_GAPS: Gaps = { numbers: new Set(), days: new Set() };
const gaps = new WeakMap<readonly string[], Gaps>();

/** The numbers and the days that further texts for missing values stand for: -999 is also -999.0. */
export function findGaps(na: readonly string[] | undefined): Gaps {
  if (na === undefined) return NO_GAPS;
  const known = gaps.get(na);
  if (known) return known;
  const parsed = <T>(parse: (text: string) => T | undefined) =>
    new Set(na.map(parse).filter((value) => value !== undefined));
  const found = { numbers: parsed((text) => parseNumber(text)), days: parsed(parseDate) };
  gaps.set(na, found);
  return found;
}

/** One text for a category that files and JSON write differently: a whole number without .0. */
export const canonicalText = (text: string): string => (/^-?\d+\.0$/.test(text) ? text.slice(0, -2) : text);

/** Finds categories by their texts; −1 for a text that is none. */
export function findCategories(categories: readonly string[]): (text: string) => number {
  const places = new Map(categories.map((text, i) => [canonicalText(text), i]));
  return (text) => places.get(canonicalText(text)) ?? -1;
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

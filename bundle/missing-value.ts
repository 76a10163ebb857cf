import { trimText } from './cell-text.ts';
import type { TableColumn } from './column-schema.ts';
import { parseDate } from './date.ts';
import type { DURATION, Notation } from './notation.ts';
import { parseNumber } from './number-text.ts';
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

/** A decimal that means a number even where texts are categories: 007 does not. */
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** What tells which values of a column are missing. */
interface Gappy {
  readonly kind: TableColumn['kind'];
  /** Further texts that stand for a missing value. */
  readonly na?: readonly string[] | undefined;
  readonly notation?: Notation | typeof DURATION | undefined;
}

/** Whether a text stands for a missing value, in a column of this kind. */
export function isMissing(text: string, { kind, na }: Gappy): boolean {
  const word = trimText(text).toLowerCase();
  if (MISSING_WORDS.has(word) || (kind !== 'category' && MISSING_MARKS.has(word))) return true;
  if (na === undefined) return false;
  const { texts, numbers } = findGaps(na);
  return texts.has(word) || (DECIMAL.test(word) && numbers.has(Number(word)));
}

/** Whether a value stands for a missing one, in a column of this kind: a number or a flag with a type as its text does. */
export function isGap(value: RecordValue, gappy: Gappy): boolean {
  if (typeof value === 'string') return isMissing(value, gappy);
  // A file with types has NaN for a missing value, whatever its kind.
  if (typeof value === 'number') {
    return Number.isNaN(value) || findGaps(gappy.na, gappy.notation).numbers.has(value);
  }
  return value === null || findGaps(gappy.na).texts.has(String(value));
}

const DAY_MILLISECONDS = 86_400_000;

/** What further texts for missing values stand for: -999 is also -999.0. */
class Gaps {
  readonly texts: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
  readonly #times: ReadonlySet<number>;

  constructor(na: readonly string[], notation: Gappy['notation']) {
    this.texts = new Set(na.map((text) => text.trim().toLowerCase()));
    const numbers = na.map((text) => parseNumber(text, notation) ?? parseNumber(text));
    // A file may have them as float32.
    this.numbers = new Set(
      numbers.flatMap((number) => (number === undefined ? [] : [number, Math.fround(number)])),
    );
    const days = na.map(parseDate).filter((day) => day !== undefined);
    this.#times = new Set(days.map((day) => Math.round(day * DAY_MILLISECONDS)));
  }

  /** Whether days since 1970-01-01 are such a date, to the millisecond. */
  hasDay(days: number): boolean {
    return this.#times.size > 0 && this.#times.has(Math.round(days * DAY_MILLISECONDS));
  }
}

const NO_GAPS = new Gaps([], undefined);
const known = new WeakMap<readonly string[], Map<Gappy['notation'], Gaps>>();

/** The texts, numbers and dates that `na` stands for in a column with this notation. */
export function findGaps(na: readonly string[] | undefined, notation?: Gappy['notation']): Gaps {
  if (na === undefined) return NO_GAPS;
  let found = known.get(na);
  if (found === undefined) {
    found = new Map();
    known.set(na, found);
  }
  let gaps = found.get(notation);
  if (gaps === undefined) {
    gaps = new Gaps(na, notation);
    found.set(notation, gaps);
  }
  return gaps;
}

import { canonicalText, FLAG_WORDS, isMissing } from '../../../bundle/column-reading.ts';
import { type EpochUnit, epochDays, parseDate } from '../../../bundle/date.ts';
import { type Notation, parseNumber } from '../../../bundle/number-text.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import type { Configuration } from '../../config/schema.ts';
import { quoteWord, showText, showWord } from '../../console/shell.ts';
import { DataError } from '../datasets/error.ts';
import { quantile } from '../datasets/statistics.ts';
import type { ColumnKind } from './column-kind.ts';
import { allowedStrays, type Guess, isNumber, STRAY } from './guess.ts';
import { findNotation } from './notations.ts';

type Found = Omit<Guess, 'column' | 'origin'>;

/** Number of rows from which the kind of a text column is guessed; all rows then confirm it. */
const SAMPLE = 10_000;

/** Most values that are looked at: of many columns, fewer rows; but at least this many rows. */
const SAMPLE_VALUES = 4_000_000;
const SAMPLE_LEAST = 1000;

/** A column with fewer values in the first rows is read on: it may begin with gaps. */
const SCARCE = 100;

/** A column with more different values than this is hardly one of categories; a text in most rows another is free text. */
const MANY = 100;

/** An origin is subtracted from numbers that are larger than this many times their spread. */
const FAR = 128;

/** Names of columns whose whole numbers may be times, and the years that these are in. */
const TIME_NAME =
  /(^|[_\s.-])(time|timestamp|ts|date|datetime|epoch|when|created|updated|at)([_\s.-]|$)|[a-z](Time|Timestamp|Date|At)$/i;
const [TIME_FROM, TIME_TO] = [Date.UTC(1990, 0, 1) / 1000, Date.UTC(2050, 0, 1) / 1000];

const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';

/** Dates and times in forms that are not read, such as 05/31/2024 or 31 May 2024: hardly ever meant as categories. */
const OTHER_DATE = new RegExp(
  [
    String.raw`^(\d{1,2}([./-])\d{1,2}\2\d{4}|\d{1,2}/\d{1,2}/\d\d|\d\d\.\d\d\.\d\d)(?!\d)`,
    String.raw`^\d{1,2}:\d\d(:\d\d(\.\d+)?)? ?[ap]\.?m\.?$`,
    String.raw`^([a-z]+,? )?\d{1,2}(st|nd|rd|th)?[ -]${MONTH}[ ,-]+\d{2,4}\b`,
    String.raw`^([a-z]+,? )?${MONTH} \d{1,2}(st|nd|rd|th)?,? \d{4}\b`,
  ].join('|'),
  'i',
);

/** Whether a text is a date or a time in a form that is not read. */
const isOtherDate = (text: string): boolean => OTHER_DATE.test(text.trim());

/** Guesses the kind of each column by its type in the file, and for texts by the first rows. `given` kinds win. */
export async function guessKinds(
  table: Table,
  columns: readonly FileColumn[],
  { types = {}, na, decimal }: Configuration,
): Promise<Guess[]> {
  const samples = await readSamples(table, columns, na);
  return columns.map((column, j) => {
    const given = Object.hasOwn(types, column.name) ? types[column.name] : undefined;
    const values = samples[j].filter(
      (value) => value !== null && !(typeof value === 'string' && isMissing(value, { kind: 'category', na })),
    );
    const found = guessKind(table, column, values, { given, na, decimal });
    const guess: Found =
      given === undefined || given === found.kind
        ? found
        : {
            ...found,
            kind: given,
            words: undefined,
            epoch: given === 'date' ? findEpoch(values) : undefined,
          };
    return { column, ...guess, origin: findOrigin(guess, values) };
  });
}

/** The values of the first rows; of columns that have hardly any there, the first values of all rows. */
async function readSamples(
  table: Table,
  columns: readonly FileColumn[],
  na: readonly string[] | undefined,
): Promise<RecordValue[][]> {
  const most = Math.min(SAMPLE, Math.max(SAMPLE_LEAST, Math.floor(SAMPLE_VALUES / columns.length)));
  const isValue = (value: RecordValue) =>
    typeof value === 'string'
      ? !isMissing(value, { kind: 'number', na })
      : value !== null && !Number.isNaN(value);
  const samples = await readFirstRows(table, columns, most);
  if (!samples.some(({ length }) => length === most)) return samples;
  const scarce = columns.filter((_, j) => samples[j].filter(isValue).length < SCARCE);
  if (scarce.length === 0) return samples;
  const found = new Map(scarce.map((column): [FileColumn, RecordValue[]] => [column, []]));
  const open = new Map(scarce.map((column, j) => [column, j]));
  for await (const { count, cells } of table.read(scarce)) {
    for (const [column, j] of open) {
      const values = found.get(column)!;
      for (let i = 0; i < count && values.length < most; i++) {
        const value = cells[j].value(i);
        if (isValue(value)) values.push(value);
      }
      if (values.length === most) open.delete(column);
    }
    if (open.size === 0) break;
  }
  return columns.map((column, j) => found.get(column) ?? samples[j]);
}

async function readFirstRows(
  table: Table,
  columns: readonly FileColumn[],
  most: number,
): Promise<RecordValue[][]> {
  const samples: RecordValue[][] = columns.map(() => []);
  let rows = 0;
  for await (const { count, cells } of table.read(columns)) {
    const size = Math.min(count, most - rows);
    for (const [j, sample] of samples.entries()) {
      for (let i = 0; i < size; i++) sample.push(cells[j].value(i));
    }
    rows += size;
    if (rows >= most) break;
  }
  return samples;
}

interface GuessOptions {
  readonly given: ColumnKind | undefined;
  readonly na: readonly string[] | undefined;
  readonly decimal: Notation['decimal'] | undefined;
}

function guessKind(
  table: Table,
  column: FileColumn,
  values: readonly RecordValue[],
  { given, na, decimal }: GuessOptions,
): Found {
  const plain = {
    words: undefined,
    notation: undefined,
    epoch: undefined,
    freeText: false,
    stray: STRAY.few,
  };
  if (column.type === 'boolean') return { ...plain, kind: 'flag', words: ['false', 'true'] };
  if (column.type === 'date') return { ...plain, kind: 'date' };
  const distinct = new Set(values.map((value) => canonicalText(String(value).trim().toLowerCase())));
  const marked = [...distinct].filter((word) => !isMissing(word, { kind: 'flag', na }));
  const words = FLAG_WORDS.find((pair) => marked.length > 0 && marked.every((word) => pair.includes(word)));
  if (words) return { ...plain, kind: 'flag', words };
  const epoch = TIME_NAME.test(column.name) ? findEpoch(values) : undefined;
  if (epoch) return { ...plain, kind: 'date', epoch };
  if (column.type === 'number') return { ...plain, kind: 'number' };
  const stray = distinct.size > MANY ? STRAY.many : STRAY.few;
  const texts = values.filter(
    (value) => !(typeof value === 'string' && isMissing(value, { kind: 'number', na })),
  );
  const mostly = (is: (value: RecordValue) => boolean) =>
    texts.filter((value) => !is(value)).length <= allowedStrays(texts.length, stray);
  const strings = texts.filter((value) => typeof value === 'string');
  const fits = (misfits: number) => misfits <= allowedStrays(texts.length, stray);
  const explained = decimal === ',' ? findNotation(strings, decimal, fits).found : undefined;
  if (explained !== undefined) return { ...plain, stray, kind: 'number', notation: explained };
  if (mostly(isNumber)) return { ...plain, stray, kind: 'number' };
  if (mostly((value) => typeof value === 'string' && parseDate(value) !== undefined)) {
    return { ...plain, stray, kind: 'date' };
  }
  const notation = findNotation(strings, decimal, fits);
  if (notation.found !== undefined) return { ...plain, stray, kind: 'number', notation: notation.found };
  if (given === undefined) {
    assertClearDates(table, column, strings);
    if (notation.unclear && distinct.size > 2) throw unclearError(table, column, notation.unclear);
    if (distinct.size > MANY) assertFewNumbers(table, column, texts);
  }
  const freeText = distinct.size > Math.max(MANY, values.length / 2);
  return { ...plain, kind: 'category', freeText };
}

/** What numbers count if all are whole, and times of our age; undefined for other values. */
function findEpoch(values: readonly RecordValue[]): EpochUnit | undefined {
  const numbers = values.map((value) => (typeof value === 'string' ? parseNumber(value) : value));
  const all = (unit: number) =>
    numbers.length > 0 &&
    numbers.every(
      (x) => typeof x === 'number' && Number.isInteger(x) && x >= TIME_FROM * unit && x < TIME_TO * unit,
    );
  return all(1) ? 'seconds' : all(1000) ? 'milliseconds' : undefined;
}

/**
 * What to subtract so that float32 holds the digits: the first day of dates, the median of numbers that lie far from 0 for
 * how much they differ; else 0.
 */
function findOrigin({ kind, notation, epoch }: Found, values: readonly RecordValue[]): number {
  if (kind === 'date') {
    // Near enough for float32 to tell whether the times differ.
    const days = values.map((value) =>
      typeof value === 'number' ? epoch && epochDays(value, epoch) : parseDate(String(value)),
    );
    return Math.floor(days.find((day) => day !== undefined) ?? 0);
  }
  if (kind !== 'number') return 0;
  const numbers = values.flatMap((value) => {
    const number = typeof value === 'string' ? parseNumber(value, notation) : value;
    return typeof number === 'number' && Number.isFinite(number) ? [number] : [];
  });
  if (numbers.length === 0) return 0;
  const sorted = Float64Array.from(numbers).sort();
  const median = sorted[sorted.length >> 1];
  const between = (share: number) => quantile(sorted, 1 - share) - quantile(sorted, share);
  const spread = between(0.25) || between(0.05) || sorted[sorted.length - 1] - sorted[0];
  return Math.abs(median) > FAR * spread ? median : 0;
}

/** Throws a {@link DataError} if most texts are dates or times in forms that are not read. */
function assertClearDates({ path }: Table, { name }: FileColumn, texts: readonly string[]): void {
  const found = texts.filter(isOtherDate);
  if (found.length <= texts.length / 2) return;
  throw new DataError(
    `${path}: column ${name}: ${showText(found[0])} is a date or a time in a form that is not supported: ` +
      `rewrite it as 2024-05-31, 2024-05-31 16:30:00 or 31.05.2024, or leave it out with --exclude ${quoteWord(name)}`,
  );
}

function unclearError({ path }: Table, { name }: FileColumn, why: string): DataError {
  return new DataError(
    `${path}: column ${name}: ${why}; if it is meant as a text, say so: --types ${quoteWord(name)}=category`,
  );
}

/** Throws a {@link DataError} if a column of many values has more numbers than other texts: one word may be a gap. */
function assertFewNumbers({ path }: Table, { name }: FileColumn, values: readonly RecordValue[]): void {
  const others = values.filter((value) => !isNumber(value));
  if (others.length === 0 || 2 * others.length > values.length) return;
  const counts = new Map<string, number>();
  for (const value of others) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const [[text]] = [...counts].sort((a, b) => b[1] - a[1]);
  const share = ((100 * others.length) / values.length).toPrecision(2);
  const word = quoteWord(name);
  throw new DataError(
    `${path}: column ${name} has numbers, but ${share}% of its values are not, such as ${showText(text)}: ` +
      `use --na ${showWord(text)} if it stands for a missing value, --types ${word}=category if the column is meant as a text, or --exclude ${word}`,
  );
}

import { canonicalText } from '../../../bundle/category-text.ts';
import { FLAG_WORDS } from '../../../bundle/column-reading.ts';
import { parseDate } from '../../../bundle/date.ts';
import { epochDays, parseEpoch } from '../../../bundle/epoch.ts';
import { isGap, isMissing } from '../../../bundle/missing-value.ts';
import type { Notation } from '../../../bundle/notation.ts';
import { parseNumber } from '../../../bundle/number-text.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import type { Configuration } from '../../config/schema.ts';
import { quantile } from '../datasets/statistics.ts';
import type { ColumnKind } from './column-kind.ts';
import { findEpoch, isTimeName } from './epochs.ts';
import { allowedStrays, type Guess, isNumber, MANY, STRAY } from './guess.ts';
import { findNotation, findPointedThousands } from './notations.ts';
import { assertNoOtherForms, unclearError } from './other-forms.ts';

type Found = Omit<Guess, 'column' | 'origin'>;

/** Number of rows from which the kind of a text column is guessed; all rows then confirm it. */
const SAMPLE = 10_000;

/** Most values that are looked at: of many columns, fewer rows; but at least this many rows. */
const SAMPLE_VALUES = 4_000_000;
const SAMPLE_LEAST = 1000;

/** A column with fewer values in the first rows is read on: it may begin with gaps. */
const SCARCE = 100;

/** An origin is subtracted from numbers that are larger than this many times their spread. */
const FAR = 128;

/** Guesses the kind of each column by its type in the file, and for texts by the first rows. `given` kinds win. */
export async function guessKinds(
  table: Table,
  columns: readonly FileColumn[],
  { types = {}, na, decimal }: Configuration,
): Promise<Guess[]> {
  const samples = await readSamples(table, columns, na);
  return columns.map((column, j) => {
    const given = Object.hasOwn(types, column.name) ? types[column.name] : undefined;
    const values = samples[j].filter((value) => !isGap(value, { kind: 'category', na }));
    const found = guessKind(table, column, values, { given, na, decimal });
    const guess: Found =
      given === undefined || given === found.kind
        ? found
        : {
            ...found,
            kind: given,
            words: undefined,
            epoch: given === 'date' ? findEpoch(values, na) : undefined,
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
  const isValue = (value: RecordValue) => !isGap(value, { kind: 'number', na });
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
  const words = findWords(marked);
  if (words) return { ...plain, kind: 'flag', words };
  const timed = given === undefined ? isTimeName(column.name) : given === 'date';
  const epoch = timed ? findEpoch(values, na) : undefined;
  if (epoch) return { ...plain, kind: 'date', epoch };
  if (column.type === 'number') return { ...plain, kind: 'number' };
  const stray = distinct.size > MANY ? STRAY.many : STRAY.few;
  const texts = values.filter((value) => !isGap(value, { kind: 'number', na }));
  const read = guessTexts(texts, stray, decimal);
  if (read.unclear !== undefined && distinct.size > 2 && (given === undefined || given === 'number')) {
    throw unclearError(table, column, read.unclear);
  }
  if (read.kind !== undefined) return { ...plain, stray, kind: read.kind, notation: read.notation };
  if (given === undefined) assertNoOtherForms(table, column, texts, distinct.size);
  const freeText = distinct.size > Math.max(MANY, values.length / 2);
  return { ...plain, kind: 'category', freeText };
}

/** The words of a flag that these are: no others, but 0 and 1 beside true and false, as programs mix them. */
function findWords(words: readonly string[]): (typeof FLAG_WORDS)[number] | undefined {
  if (words.length === 0) return undefined;
  const known = (texts: readonly string[]) => words.every((word) => texts.includes(word));
  const [booleans] = FLAG_WORDS;
  return FLAG_WORDS.find(known) ?? (known([...booleans, '0', '1']) ? booleans : undefined);
}

/** What texts are, if nearly all are numbers or dates, or why this is unclear. */
function guessTexts(
  texts: readonly RecordValue[],
  stray: number,
  decimal: Notation['decimal'] | undefined,
): { kind?: 'number' | 'date'; notation?: Found['notation']; unclear?: string | undefined } {
  const strings = texts.filter((value) => typeof value === 'string');
  const typed = texts.filter((value) => typeof value === 'number' && value !== 0).length;
  const fits = (misfits: number) => misfits <= allowedStrays(texts.length, stray);
  const explained = decimal === ',' ? findNotation(strings, decimal, fits).found : undefined;
  if (explained !== undefined) return { kind: 'number', notation: explained };
  const others = texts.filter((value) => !isNumber(value)).length;
  if (others === 0 && strings.length === texts.length && decimal === undefined) {
    const unclear = findPointedThousands(strings);
    if (unclear !== undefined) return { unclear };
  }
  if (fits(others)) {
    // A few numbers in another form may say in which all are.
    const whole =
      others > 0 && strings.length === texts.length
        ? findNotation(strings, decimal, (misfits) => misfits === 0)
        : {};
    if (whole.unclear !== undefined) return { unclear: whole.unclear };
    return { kind: 'number', notation: whole.found };
  }
  if (fits(texts.filter((value) => typeof value !== 'string' || parseDate(value) === undefined).length)) {
    return { kind: 'date' };
  }
  const { found, unclear } = findNotation(strings, decimal, fits, typed);
  return found === undefined ? { unclear } : { kind: 'number', notation: found };
}

/**
 * What to subtract so that float32 holds the digits: the first day of dates, the median of numbers that lie far from 0 for
 * how much they differ; else 0.
 */
function findOrigin({ kind, notation, epoch }: Found, values: readonly RecordValue[]): number {
  if (kind === 'date') {
    // Near enough for float32 to tell whether the times differ.
    const days = values.map((value) =>
      typeof value === 'string' && parseDate(value) !== undefined
        ? parseDate(value)
        : epoch && epochDays(Number(typeof value === 'string' ? parseEpoch(value) : value), epoch),
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

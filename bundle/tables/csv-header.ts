import { CsvError, type CsvParser, readTexts } from '../csv-parser.ts';
import { DataError } from '../error.ts';

/** Not the name of a column: a number with a fraction, a negative number, a date with a time. A year is a name. */
const VALUE = /^[+-]?\d*\.\d+(e[+-]?\d+)?$|^-\d+$|^\d{4}-\d\d-\d\d[T ]\d\d:/i;

/** This many rising numbers are names, such as wavelengths, not the values of a row. */
const RISING = 8;

/** Rows in which the texts of the first line are searched. */
const SEARCHED = 1000;

/** Texts of the first line that their columns repeat, from which on it is a row; a letter alone may be a name and a value. */
const REPEATED = 2;
const LETTER = 0.4;

/** A header is hardly as large a share of the rows. */
const OFTEN = 0.1;

/**
 * Throws a {@link DataError} if the first line has values instead of names. `parser` has read it, and goes on in the first
 * bytes of the file, after which nothing comes if they are the `whole` one.
 */
export function assertHeader(
  path: string,
  names: readonly string[],
  parser: CsvParser,
  whole: boolean,
): void {
  const numbers = names.filter((name) => name !== '' && Number.isFinite(Number(name))).map(Number);
  const rising = numbers.length >= RISING && numbers.every((x, i) => i === 0 || x > numbers[i - 1]);
  const counted = numbers.length > 2 && numbers.every((x, i) => x === numbers[0] + i);
  if (rising || counted) return;
  const advice = 'it must name the columns; if it holds data, add --no-header';
  if (numbers.length === names.length) {
    throw new DataError(`${path}: the first line has numbers only: ${advice}`);
  }
  const value = names.find((name) => VALUE.test(name)) ?? findRepeated(names, numbers, parser, whole);
  if (value === undefined) return;
  throw new DataError(`${path}: the first line has values, such as ${value}: ${advice}`);
}

/**
 * A text of the first line that is a value of its column as well, if several are, or one is and another is a number, or two
 * are the same number: then the line is hardly a header. A column with no other value may be called so.
 */
function findRepeated(
  names: readonly string[],
  numbers: readonly number[],
  parser: CsvParser,
  whole: boolean,
): string | undefined {
  const twice = numbers.find((number, i) => numbers.indexOf(number) < i);
  if (twice !== undefined) return String(twice);
  const found = names.map(() => ({ repeated: false, others: false }));
  let rows = 0;
  let same = 0;
  for (const texts of readRows(parser, names.length, whole)) {
    rows++;
    if (texts.every((text, j) => text.trim() === names[j])) {
      same++;
      continue;
    }
    for (const [j, column] of found.entries()) {
      const text = texts[j]!.trim();
      if (text === names[j]) column.repeated = true;
      else if (text !== '') column.others = true;
    }
  }
  // Where tables were put together, the header is there again, but not often.
  const often = same > OFTEN * rows;
  const texts = names.filter(
    (name, j) => (often || found[j]!.repeated) && found[j]!.others && !Number.isFinite(Number(name)),
  );
  const weight = texts.reduce((sum, text) => sum + (text.length > 1 ? 1 : LETTER), 0);
  const least = numbers.length > 0 ? 1 : REPEATED;
  return weight >= least ? texts[0] : undefined;
}

/** The first rows after the first line, as far as they have a value for each name. */
function* readRows(parser: CsvParser, width: number, whole: boolean): Generator<string[]> {
  try {
    for (let row = 0; row < SEARCHED && parser.next(width, whole); row++) {
      if (parser.width === width) yield readTexts(parser);
    }
  } catch (error) {
    // What is wrong there is said when the rows are read.
    if (!(error instanceof CsvError)) throw error;
  }
}

import { plainText } from '../../../bundle/cell-text.ts';
import { parseDate } from '../../../bundle/date.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import { quoteWord, showText, showWord } from '../../console/shell.ts';
import { DataError } from '../datasets/error.ts';
import { isTimeName } from './epochs.ts';
import { isNumber, MANY } from './guess.ts';
import { areMostlyNumeric, isNumeric } from './notations.ts';

const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';

/** Dates and times in forms that are not read, such as 05/31/2024 or 31-May-24: hardly ever meant as categories. */
const OTHER_DATE = new RegExp(
  [
    String.raw`^(\d{1,2}([./-])\d{1,2}\2\d{4}|\d{1,2}/\d{1,2}/\d\d|\d\d\.\d\d\.\d\d)(?!\d)`,
    String.raw`^\d{1,2}:\d\d(:\d\d(\.\d+)?)? ?[ap]\.?m\.?$`,
    String.raw`^([a-z]+,? )?\d{1,2}(st|nd|rd|th)?[ /-]?${MONTH}[ ,/-]*\d{2,4}\b`,
    String.raw`^([a-z]+,? )?${MONTH} +\d{1,2}(st|nd|rd|th)?,? (\d{4}\b|\d\d:\d\d)`,
    String.raw`^\d{1,2}\.? \p{L}{3,9}\.? \d{4}\b`,
    String.raw`^\d{4}[/.-]\d{1,2}[/.-]\d{1,2}[T ,-]+\d{1,2}[:.]\d\d`,
    String.raw`^\d{4}-?W\d\d(-?\d)?$`,
    String.raw`^\d{4}年\d{1,2}月`,
  ].join('|'),
  'iu',
);
/** The day of a year, as 2024-127: also what invoices are called, so only in columns of times. */
const ORDINAL = /^\d{4}-[0-3]\d\d$/;

/** Numbers in forms that are not read: 0x1F, 1_000, ~1.5, [1.5], 1·5, 1.5 ± 0.1, 1.5×10^3, 52°31'12"N, and digits of other scripts. */
const OTHER_NUMBER = new RegExp(
  [
    String.raw`^[+-]?0x[\da-f]{1,16}$`,
    String.raw`^[+-]?\d{1,3}(_\d{3})+(\.\d+)?$`,
    String.raw`^[^\p{L}\p{N}]{0,3}\p{Nd}+[.,·]\p{Nd}+[^\p{L}\p{N}]{0,3}$`,
    String.raw`^[+-]?\d+[.,]?\d* ?(±|\+/-|[×x*] ?10\^) ?[+-]?\d`,
    String.raw`^\d{1,3}° ?\d{1,2}['′’]`,
    String.raw`^(?!.*[0-9])\p{Nd}+$`,
  ].join('|'),
  'iu',
);

/** Throws a {@link DataError} if the texts of a column look like dates or numbers in forms that are not read, or not all. */
export function assertNoOtherForms(
  table: Table,
  column: FileColumn,
  values: readonly RecordValue[],
  distinct: number,
): void {
  const texts = values.filter((value) => typeof value === 'string');
  assertClearDates(table, column, texts);
  if (distinct <= MANY) return;
  assertFew(table, column, values, 'numbers', isNumber);
  assertFew(table, column, values, 'dates', isDate);
  assertClearNumbers(table, column, texts);
  const plausible = texts.length === values.length && areMostlyNumeric(texts);
  if (plausible) assertFew(table, column, values, 'numbers', (value) => isNumeric(String(value)));
  assertDelimiter(table, column, texts);
}

const isDate = (value: RecordValue): boolean => typeof value === 'string' && parseDate(value) !== undefined;

/** Whether a text is a date or a time in a form that is not read, and no sentence that begins with one. */
const isOtherDate = (text: string): boolean =>
  OTHER_DATE.test(text) && !/\p{Ll}{4}/u.test(text.replace(OTHER_DATE, ''));

/** Throws a {@link DataError} if most texts are dates or times, some of them in forms that are not read. */
function assertClearDates({ path }: Table, { name }: FileColumn, texts: readonly string[]): void {
  const timed = isTimeName(name);
  const isOther = (text: string) => isOtherDate(text) || (timed && ORDINAL.test(text));
  const others = texts.map(plainText).filter((text) => isOther(text) && parseDate(text) === undefined);
  const read = texts.filter(isDate);
  if (others.length === 0 || others.length + read.length <= texts.length / 2) return;
  throw new DataError(
    `${path}: column ${name}: ${showText(others[0])} is a date or a time in a form that is not supported: ` +
      `rewrite it as 2024-05-31, 2024-05-31 16:30:00 or 31.05.2024, or leave it out with --exclude ${quoteWord(name)}`,
  );
}

/** Throws a {@link DataError} if most texts are numbers in forms that are not read. */
function assertClearNumbers({ path }: Table, { name }: FileColumn, texts: readonly string[]): void {
  const found = texts.map(plainText).filter((text) => OTHER_NUMBER.test(text) && !isNumeric(text));
  if (found.length <= texts.length / 2) return;
  const word = quoteWord(name);
  throw new DataError(
    `${path}: column ${name}: ${showText(found[0])} is a number in a form that is not supported: ` +
      `rewrite it as 1234.5; ${describeChoices(word)}`,
  );
}

export const unclearError = ({ path }: Table, { name }: FileColumn, why: string): DataError =>
  new DataError(
    `${path}: column ${name}: ${why}; if it is meant as a text, say so: --types ${quoteWord(name)}=category`,
  );

const describeChoices = (word: string): string =>
  `if the column is meant as a text: --types ${word}=category, or --exclude ${word}`;

/** Throws a {@link DataError} if a column of many values has more numbers, or dates, than other texts: one word may be a gap. */
function assertFew(
  { path }: Table,
  { name }: FileColumn,
  values: readonly RecordValue[],
  what: 'numbers' | 'dates',
  is: (value: RecordValue) => boolean,
): void {
  const others = values.filter((value) => !is(value));
  if (others.length === 0 || 2 * others.length > values.length) return;
  const counts = new Map<string, number>();
  for (const value of others) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const [[text]] = [...counts].sort((a, b) => b[1] - a[1]);
  const share = ((100 * others.length) / values.length).toPrecision(2);
  const word = quoteWord(name);
  throw new DataError(
    `${path}: column ${name} has ${what}, but ${share}% of its values are not, such as ${showText(text)}: ` +
      `use --na ${showWord(text)} if it stands for a missing value, --types ${word}=category if the column is meant as a text, or --exclude ${word}`,
  );
}

/** Throws a {@link DataError} if the only column holds several numbers, with spaces between them. */
function assertDelimiter({ path, columns }: Table, { name }: FileColumn, texts: readonly string[]): void {
  if (columns.length > 1) return;
  const width = splitSpaces(name).length;
  const rows = texts.map(splitSpaces).filter((fields) => fields.length === width);
  const most = rows.filter((fields) => fields.some(isNumber)).length;
  if (width < 2 || most <= texts.length / 2) return;
  throw new DataError(
    `${path}: its columns are separated by spaces: write a comma, a semicolon, a tab or a pipe between them`,
  );
}

const splitSpaces = (text: string): string[] => plainText(text).split(/\s+/);

import { MISSING_WORDS } from '../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import type { FileColumn } from '../readers/file-column.ts';
import { quoteText } from '../readers/sql.ts';

export type ColumnKind = TableColumn['kind'];

const DAY_MICROSECONDS = 86_400_000_000;

/** Numbers as texts, also those that are too large for a float32. */
export const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf(inity)?$/i;

/**
 * SQL for whether a text is one of some words. Not IN: with many words DuckDB turns it into a join, and a join on
 * several threads does not keep the order of the rows.
 */
export const isOneOf = (text: string, words: readonly string[]): string =>
  `list_contains([${words.map(quoteText).join(', ')}], ${text})`;

/** SQL for whether a text stands for a missing value. */
export const isMissingSql = (text: string): string =>
  `(${text} IS NULL OR ${isOneOf(`lower(trim(${text}))`, MISSING_WORDS)})`;

/** SQL for a text, NULL where it is missing. */
export const presentSql = (text: string): string =>
  `CASE WHEN ${isMissingSql(text)} THEN NULL ELSE ${text} END`;

/** SQL for whether a text is written as a number. */
export const looksNumericSql = (text: string): string =>
  `regexp_matches(trim(${text}), ${quoteText(NUMBER.source)}, 'i')`;

/** SQL for values as float32: NULL or NaN where one is missing, NULL or infinite where it is not a number. */
const numberSql = ({ type, value, text }: FileColumn): string =>
  `TRY_CAST(${type === 'date' ? text : value} AS FLOAT)`;

/** SQL for values as finite float32, NULL for any other. */
export function finiteSql(column: FileColumn): string {
  const number = numberSql(column);
  return `CASE WHEN isfinite(${number}) THEN ${number} END`;
}

/** SQL for values as timestamps, NULL where one is missing or not a date. */
export const dateSql = ({ type, value, text }: FileColumn): string =>
  type === 'date' ? value : `TRY_CAST(${text} AS TIMESTAMP)`;

/** SQL for values as 0 and 1, NULL where one is missing or neither of the words. */
export function flagSql({ type, value, text }: FileColumn, [no, yes]: readonly [string, string]): string {
  if (type === 'boolean') return `CAST(${value} AS FLOAT)`;
  if (type === 'number') return `CASE ${value} WHEN 0 THEN 0::FLOAT WHEN 1 THEN 1::FLOAT END`;
  const word = `lower(trim(${text}))`;
  const is = (known: string, other: string) => isOneOf(word, [known.toLowerCase(), other]);
  return `CASE WHEN ${is(no, 'false')} THEN 0::FLOAT WHEN ${is(yes, 'true')} THEN 1::FLOAT END`;
}

/**
 * SQL for raw values as float32: NaN where one is missing, infinite where it does not fit the kind. A category's value
 * is its text, NULL where it is missing. `words` are what a flag's false and true are called, `origin` is the day that
 * a date counts from.
 */
export function rawSql(
  column: FileColumn,
  kind: ColumnKind,
  { words = ['0', '1'], origin = 0 }: { words?: readonly [string, string]; origin?: number },
): string {
  const { text } = column;
  if (kind === 'category') return `CASE WHEN ${isMissingSql(text)} THEN NULL ELSE ${categorySql(column)} END`;
  const days = `CAST(epoch_us(${dateSql(column)}) / ${DAY_MICROSECONDS}.0 - ${origin} AS FLOAT)`;
  const value = { number: numberSql(column), flag: flagSql(column, words), date: days }[kind];
  const absent = column.type === 'text' ? isMissingSql(text) : `${column.value} IS NULL`;
  return `coalesce(${value}, CASE WHEN ${absent} THEN 'nan'::FLOAT ELSE 'inf'::FLOAT END)`;
}

/** SQL for a category's name. A number is written as JavaScript does, 1 and 2.5, where DuckDB has 1.0 and 2.50. */
const categorySql = ({ type, text }: FileColumn): string =>
  type === 'number' ? `regexp_replace(${text}, '\\.0+$|(\\.\\d*[1-9])0+$', '\\1')` : text;

/**
 * As {@link rawSql}, for a category with known values: indices into the ENUM type `type`, −1 for any other value. A
 * whole number is the same with .0 and without.
 */
export function knownCategorySql(column: FileColumn, type: string): string {
  const name = categorySql(column);
  const other =
    `CASE WHEN regexp_matches(${name}, '^-?\\d+$') THEN ${name} || '.0' ` +
    `WHEN regexp_matches(${name}, '^-?\\d+\\.0$') THEN regexp_replace(${name}, '\\.0$', '') END`;
  const codes = [name, other].map((text) => `CAST(enum_code(TRY_CAST(${text} AS ${type})) AS FLOAT)`);
  const missing = isMissingSql(column.text);
  return `coalesce(${codes.join(', ')}, CASE WHEN ${missing} THEN 'nan'::FLOAT ELSE -1::FLOAT END)`;
}

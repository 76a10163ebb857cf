import { type DuckDBDataChunk, DuckDBFloatVector, DuckDBVarCharVector } from '@duckdb/node-api';
import { type FileColumn, missingSql } from '../readers/duckdb.ts';
import { dateSql, flagSql, type Kind, numberSql } from './infer.ts';

/** Seconds, and microseconds, of a day. */
const DAY_MICROSECONDS = 86_400_000_000;

/**
 * A column's raw values in SQL, as float32: NaN where one is missing, infinite where it is no value of the kind.
 * Of a category it is the text, NULL where it is missing.
 */
export function rawSql(
  column: FileColumn,
  kind: Kind,
  { words = ['0', '1'], origin = 0 }: { words?: readonly [string, string]; origin?: number },
): string {
  const { text } = column;
  if (kind === 'category') return `CASE WHEN ${missingSql(text)} THEN NULL ELSE ${categorySql(column)} END`;
  const days = `CAST(epoch_us(${dateSql(column)}) / ${DAY_MICROSECONDS}.0 - ${origin} AS FLOAT)`;
  const value = { number: numberSql(column), flag: flagSql(column, words), date: days }[kind];
  const absent = column.type === 'text' ? missingSql(text) : `${column.value} IS NULL`;
  return `coalesce(${value}, CASE WHEN ${absent} THEN 'nan'::FLOAT ELSE 'inf'::FLOAT END)`;
}

/** The name of a category: of a number as JavaScript writes it, 1 and 2.5, where the database has 1.0 and 2.50. */
const categorySql = ({ type, text }: FileColumn): string =>
  type === 'number' ? `regexp_replace(${text}, '\\.0+$|(\\.\\d*[1-9])0+$', '\\1')` : text;

/**
 * As {@link rawSql}, of a category whose values are known, as the ENUM type `type` of the database. A whole number is
 * the same with .0 and without.
 */
export function knownCategorySql(column: FileColumn, type: string): string {
  const name = categorySql(column);
  const other =
    `CASE WHEN regexp_matches(${name}, '^-?\\d+$') THEN ${name} || '.0' ` +
    `WHEN regexp_matches(${name}, '^-?\\d+\\.0$') THEN regexp_replace(${name}, '\\.0$', '') END`;
  const codes = [name, other].map((text) => `CAST(enum_code(TRY_CAST(${text} AS ${type})) AS FLOAT)`);
  const missing = missingSql(column.text);
  return `coalesce(${codes.join(', ')}, CASE WHEN ${missing} THEN 'nan'::FLOAT ELSE -1::FLOAT END)`;
}

/**
 * Writes column j of a chunk into column j of `target` (rows × width, from row `at` on). Texts become numbers by
 * `indexOf`, of the column. Returns the first place of an infinite value, or undefined.
 */
export function copyColumn(
  chunk: DuckDBDataChunk,
  j: number,
  target: Float32Array,
  width: number,
  at: number,
  indexOf?: (text: string) => number,
): number | undefined {
  const vector = chunk.getColumnVector(j);
  const { rowCount } = chunk;
  let place = at * width + j;
  if (vector instanceof DuckDBVarCharVector && indexOf) {
    for (let i = 0; i < rowCount; i++, place += width) {
      const text = vector.getItem(i);
      target[place] = text === null ? Number.NaN : indexOf(text);
    }
    return undefined;
  }
  if (!(vector instanceof DuckDBFloatVector)) throw new TypeError(`column ${j} is no float32`);
  let wrong: number | undefined;
  for (let i = 0; i < rowCount; i++, place += width) {
    const value = vector.getItem(i) ?? Number.NaN;
    target[place] = value;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) wrong ??= i;
  }
  return wrong;
}

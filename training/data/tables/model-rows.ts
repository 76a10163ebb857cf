import { describeAccepted } from '../../../bundle/column-display.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import type { Cell } from '../datasets/cell.ts';
import { DataError } from '../datasets/error.ts';
import type { Table } from '../readers/duckdb.ts';
import type { FileColumn } from '../readers/file-column.ts';
import { quoteText } from '../readers/sql.ts';
import { copyColumn } from './chunk.ts';
import { invalidValueError } from './invalid.ts';
import { knownCategorySql, rawSql } from './sql.ts';

/** A column of an open table that is carried through to the output, apart from those that the model reads. */
export interface CarriedColumn {
  readonly name: string;
  readonly type: 'integer' | 'number' | 'boolean' | 'text';
  readonly sql: string;
}

/**
 * Receives raw rows in the order of the file (count × columns, float32; NaN where a value is missing, −1 for a category
 * that the model does not know), the number of the first row, counted from 0, and the values of each carried column.
 * The array of rows is reused for the next batch.
 */
export type OnBatch = (
  rows: Float32Array,
  count: number,
  start: number,
  carried: readonly (readonly Cell[])[],
) => void | Promise<void>;

/** Most rows in a chunk of DuckDB. */
const CHUNK = 2048;

/** Finds a table's column by its name. Throws a {@link DataError} if there is none, or it cannot be read. */
function findColumn(table: Table, name: string, who: string): FileColumn {
  const column = table.columns.find((column) => column.name === name);
  if (column) return column;
  const why = table.unreadable.find((column) => column.name === name)?.why;
  if (why) throw new DataError(`${table.path}: column ${name}: ${why}`);
  const names = table.columns.map((column) => column.name).join(', ');
  throw new DataError(`${table.path}: there is no column ${name}, which ${who}: the file has ${names}`);
}

/** Describes a column to carry through: whole numbers and texts exactly, other numbers as doubles. */
export async function describeCarried(table: Table, name: string): Promise<CarriedColumn> {
  const { type, value, text } = findColumn(table, name, 'is asked for');
  if (type === 'boolean') return { name, type, sql: value };
  if (type !== 'number') return { name, type: 'text', sql: text };
  const [[kind]] = await table.query(`SELECT any_value(typeof(${value})) FROM ${table.source}`);
  // These types have whole numbers beyond the 64 bits of a signed integer.
  if (/^U?HUGEINT$|^UBIGINT$/.test(String(kind))) return { name, type: 'text', sql: text };
  return /INT/.test(String(kind))
    ? { name, type: 'integer', sql: `CAST(${value} AS BIGINT)` }
    : { name, type: 'number', sql: `CAST(${value} AS DOUBLE)` };
}

/**
 * Reads a table's rows through a model's columns, found by name in any order; other columns are ignored unless they are
 * carried. Returns the number of rows. Throws a {@link DataError} with the name of a column that does not exist, or with
 * row and column of a value that does not fit.
 */
export async function readModelRows(
  table: Table,
  columns: readonly TableColumn[],
  onBatch: OnBatch,
  { batch, carried }: { batch: number; carried: readonly CarriedColumn[] },
): Promise<number> {
  const found = columns.map(({ name }) => findColumn(table, name, 'the model needs'));
  const expressions = await modelExpressions(table, columns, found);
  const width = columns.length;
  const cells: Cell[][] = carried.map(() => []);
  // Room for a chunk beyond the batch: the rows left over start the next batch.
  let rows = new Float32Array((batch + CHUNK) * width);
  let filled = 0;
  let start = 0;
  for await (const chunk of table.stream([...expressions, ...carried.map(({ sql }) => sql)])) {
    rows = ensureLength(rows, (filled + chunk.rowCount) * width);
    for (const [j, column] of columns.entries()) {
      const wrong = copyColumn(chunk, j, rows, width, filled);
      if (wrong === undefined) continue;
      throw await invalidValueError(table, start + filled + wrong, found[j], describeAccepted(column));
    }
    for (const [k, values] of cells.entries()) {
      const vector = chunk.getColumnVector(width + k);
      for (let i = 0; i < chunk.rowCount; i++) values.push(vector.getItem(i) as Cell);
    }
    filled += chunk.rowCount;
    let done = 0;
    for (; filled - done >= batch; done += batch, start += batch) {
      const part = rows.subarray(done * width, (done + batch) * width);
      const values = cells.map((column) => column.splice(0, batch));
      await onBatch(part, batch, start, values);
    }
    rows.copyWithin(0, done * width, filled * width);
    filled -= done;
  }
  if (filled > 0) await onBatch(rows.subarray(0, filled * width), filled, start, cells);
  return start + filled;
}

/** SQL for the raw value of each column; creates the ENUM types of categories. */
async function modelExpressions(
  table: Table,
  columns: readonly TableColumn[],
  found: readonly FileColumn[],
): Promise<string[]> {
  const expressions: string[] = [];
  for (const [j, column] of columns.entries()) {
    if (column.kind === 'category') {
      const type = `category_${j}`;
      await table.run(`CREATE TYPE ${type} AS ENUM (${column.categories.map(quoteText).join(', ')})`);
      expressions.push(knownCategorySql(found[j], type));
    } else {
      const words = column.kind === 'flag' ? column.words : undefined;
      const origin = column.kind === 'date' ? column.origin : undefined;
      expressions.push(rawSql(found[j], column.kind, { words, origin }));
    }
  }
  return expressions;
}

/** Returns the array, or a longer copy of it if it is too short. */
function ensureLength(values: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  if (values.length >= length) return values;
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}

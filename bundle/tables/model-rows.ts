import { describeAccepted } from '../column-display.ts';
import { describeExpected } from '../column-parsing.ts';
import { readingOf, UNFIT } from '../column-reading.ts';
import type { TableColumn } from '../column-schema.ts';
import { DataError } from '../error.ts';
import { findMisspelt, findNearestName } from '../misspelling.ts';
import type { Cell } from './cell.ts';
import { makeCellReader } from './cell-reader.ts';
import { describePlace, invalidValueError } from './invalid.ts';
import type { Cells, FileColumn, Table } from './table.ts';

/** A column of an open table that is carried through to the output, apart from those that the model reads. */
export interface CarriedColumn {
  readonly name: string;
  readonly type: 'integer' | 'number' | 'boolean' | 'text';
  readonly column: FileColumn;
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

/** Most columns that a message names. */
const MOST_NAMED = 20;

/** Finds a table's columns by their names. Throws a {@link DataError} that says all that are absent or cannot be read. */
function findColumns(table: Table, names: readonly string[], who: string): FileColumn[] {
  const placed = new Map(table.columns.map((column) => [column.name, column]));
  const unreadable = table.unreadable.find(({ name }) => names.includes(name) && !placed.has(name));
  if (unreadable) throw new DataError(`${table.path}: column ${unreadable.name}: ${unreadable.why}`);
  const absent = names.filter((name) => !placed.has(name));
  if (absent.length === 0) return names.map((name) => placed.get(name)!);
  const others = [...placed.keys()].filter((name) => !names.includes(name));
  const listed = absent.map((name) => {
    const nearest = others.length === 0 ? undefined : findNearestName(name, others);
    return nearest?.near ? `${name} (did you mean ${nearest.name}?)` : name;
  });
  const columns = absent.length === 1 ? 'is no column' : 'are no columns';
  throw new DataError(
    `${table.path}: there ${columns} ${cutList(listed, ' or ')}, which ${who}; the file has ${cutList([...placed.keys()])}`,
  );
}

/**
 * The columns that no record of a file has, and that were missing in training, too: there, they are missing in all rows. Not
 * if another field has almost the same name.
 */
function findLacking(table: Table, columns: readonly TableColumn[]): ReadonlySet<TableColumn> {
  const fields = [...table.columns, ...table.unreadable].map(({ name }) => name);
  if (!table.sparse || !columns.some(({ name }) => fields.includes(name))) return new Set();
  const misspelt = findMisspelt(columns, fields).map(({ column }) => column);
  return new Set(
    columns.filter(
      ({ name, missing_share }) => missing_share > 0 && !fields.includes(name) && !misspelt.includes(name),
    ),
  );
}

/** Throws a {@link DataError} that says where a column has a list or a record, and what is accepted. */
function assertPlain(table: Table, columns: readonly TableColumn[]): void {
  for (const { name, why, row } of table.unreadable) {
    const column = columns.find((known) => known.name === name);
    if (column === undefined) continue;
    const place = row === undefined ? `${table.path}: column ${name}` : describePlace(table, row, name);
    throw new DataError(`${place}: ${why}, expected ${describeAccepted(column)}`);
  }
}

/** Names as a message lists them: only the first ones if there are many. */
const cutList = (names: readonly string[], last = ', '): string =>
  names.length > MOST_NAMED
    ? `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
    : [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(last);

/** Describes columns to carry through, for `who`: whole numbers and texts exactly, other numbers as doubles. */
export function describeCarried(table: Table, names: readonly string[], who: string): CarriedColumn[] {
  return findColumns(table, names, who).map((column) => {
    const { name, type, whole, wide } = column;
    if (wide) return { name, type: 'text', column };
    if (type === 'number') return { name, type: whole ? 'integer' : 'number', column };
    return { name, type: type === 'boolean' ? type : 'text', column };
  });
}

/** The value of a carried column in row i. */
export function readCarried({ type }: CarriedColumn, cells: Cells, i: number): Cell {
  const value = cells.exact(i);
  if (value === null) return null;
  if (type === 'integer') return BigInt(value);
  if (type === 'number') return Number(value);
  return type === 'text' ? String(value) : value;
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
  const lacking = findLacking(table, columns);
  assertPlain(table, columns);
  const present = columns.filter((column) => !lacking.has(column));
  const found = findColumns(
    table,
    present.map(({ name }) => name),
    'the model needs',
  );
  const readers = present.map((column, k) => ({
    read: makeCellReader(found[k], readingOf(column)),
    j: columns.indexOf(column),
  }));
  const width = columns.length;
  const turns = new Turns(onBatch);
  let kept: Cell[][] = carried.map(() => []);
  // One is filled while the other is used. Columns that the file lacks stay missing.
  let [rows, other] = [0, 1].map(() => new Float32Array(batch * width).fill(Number.NaN));
  let filled = 0;
  let start = 0;
  try {
    for await (const { count, cells } of table.read([...found, ...carried.map(({ column }) => column)])) {
      for (let first = 0; first < count; ) {
        const size = Math.min(batch - filled, count - first);
        for (const [k, { read, j }] of readers.entries()) {
          const own = cells[k];
          for (let i = first, at = filled * width + j; i < first + size; i++, at += width) {
            const raw = read(own, i);
            rows[at] = raw;
            if (raw !== UNFIT) continue;
            const row = start + filled + i - first;
            const value = own.value(i);
            const expected = describeExpected(columns[j], value);
            throw invalidValueError(table, row, columns[j].name, value, expected);
          }
        }
        for (const [k, column] of carried.entries()) {
          for (let i = first; i < first + size; i++)
            kept[k].push(readCarried(column, cells[found.length + k], i));
        }
        filled += size;
        first += size;
        if (filled < batch) break;
        await turns.take(rows, filled, start, kept);
        start += filled;
        filled = 0;
        kept = carried.map(() => []);
        [rows, other] = [other, rows];
      }
    }
    if (filled > 0) await turns.take(rows.subarray(0, filled * width), filled, start, kept);
    await turns.end();
  } finally {
    await turns.settle();
  }
  return start + filled;
}

/** Calls a function for one batch after the other, without waiting for its end before the next batch is ready. */
class Turns {
  readonly #onBatch: OnBatch;
  #pending: Promise<void> = Promise.resolve();

  constructor(onBatch: OnBatch) {
    this.#onBatch = onBatch;
  }

  /** Waits until the batch before is done. */
  async take(...batch: Parameters<OnBatch>): Promise<void> {
    await this.#pending;
    this.#pending = Promise.resolve(this.#onBatch(...batch));
    // Whoever waits for it gets the error.
    this.#pending.catch(() => {});
  }

  async end(): Promise<void> {
    await this.#pending;
  }

  /** Waits until nothing is under way, whatever its end is. */
  async settle(): Promise<void> {
    await this.#pending.catch(() => {});
  }
}

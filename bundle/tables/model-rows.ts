import { describeAccepted } from '../column-display.ts';
import { readingOf, UNFIT } from '../column-reading.ts';
import type { TableColumn } from '../column-schema.ts';
import { DataError } from '../error.ts';
import type { Cell } from './cell.ts';
import { makeCellReader } from './cell-reader.ts';
import { invalidValueError } from './invalid.ts';
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

/** Finds a table's column by its name. Throws a {@link DataError} if there is none, or it cannot be read. */
function findColumn(table: Table, name: string, who: string): FileColumn {
  const column = table.columns.find((column) => column.name === name);
  if (column) return column;
  const why = table.unreadable.find((column) => column.name === name)?.why;
  if (why) throw new DataError(`${table.path}: column ${name}: ${why}`);
  const names = table.columns.map((column) => column.name).join(', ');
  throw new DataError(`${table.path}: there is no column ${name}, which ${who}: the file has ${names}`);
}

/** Describes a column to carry through, for `who`: whole numbers and texts exactly, other numbers as doubles. */
export function describeCarried(table: Table, name: string, who: string): CarriedColumn {
  const column = findColumn(table, name, who);
  const { type, whole, wide } = column;
  if (wide) return { name, type: 'text', column };
  if (type === 'number') return { name, type: whole ? 'integer' : 'number', column };
  return { name, type: type === 'boolean' ? type : 'text', column };
}

/** The value of a carried column in row i. */
export function readCarried({ type }: CarriedColumn, cells: Cells, i: number): Cell {
  const value = cells.exact(i);
  if (value === null) return null;
  if (type === 'integer') return BigInt(value);
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
  const found = columns.map(({ name }) => findColumn(table, name, 'the model needs'));
  const readers = columns.map((column, j) => makeCellReader(found[j], readingOf(column)));
  const width = columns.length;
  const turns = new Turns(onBatch);
  let kept: Cell[][] = carried.map(() => []);
  // One is filled while the other is used.
  let [rows, other] = [new Float32Array(batch * width), new Float32Array(batch * width)];
  let filled = 0;
  let start = 0;
  try {
    for await (const { count, cells } of table.read([...found, ...carried.map(({ column }) => column)])) {
      for (let first = 0; first < count; ) {
        const size = Math.min(batch - filled, count - first);
        for (const [j, read] of readers.entries()) {
          const own = cells[j];
          for (let i = first, at = filled * width + j; i < first + size; i++, at += width) {
            const raw = read(own, i);
            rows[at] = raw;
            if (raw !== UNFIT) continue;
            const row = start + filled + i - first;
            throw invalidValueError(table, row, columns[j].name, own.value(i), describeAccepted(columns[j]));
          }
        }
        for (const [k, column] of carried.entries()) {
          for (let i = first; i < first + size; i++) kept[k].push(readCarried(column, cells[width + k], i));
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

import { describeAccepted } from '../../../bundle/column-display.ts';
import { isMissing } from '../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import type { Configuration } from '../../config/schema.ts';
import { MemoryDataset } from '../datasets/dataset.ts';
import { DISK_MEMORY, DiskDataset } from '../datasets/disk.ts';
import { DataError } from '../datasets/error.ts';
import { NpyFile } from '../datasets/npy.ts';
import { MEMORY_LIMIT, type OpenOptions } from '../datasets/open.ts';
import { type HeldOut, remaining } from '../datasets/split.ts';
import { type FileColumn, literal, Table } from '../readers/duckdb.ts';
import { type Inferred, inferTable } from './infer.ts';
import type { Label } from './label.ts';
import { ColumnProfile, isSampled, type NumberScaling } from './profile.ts';
import { copyColumn, knownCategorySql, rawSql } from './rows.ts';
import { DiskSpill, MemorySpill } from './spill.ts';

/** A table whose columns are known and whose rows are split. */
export interface TableData {
  readonly count: number;
  readonly columns: readonly TableColumn[];
  readonly excluded: readonly { name: string; why: string }[];
  readonly label: Label | undefined;
  /** 1 for each row that the label calls anomalous. */
  readonly anomalous: Uint8Array | undefined;
  readonly inMemory: boolean;
  train: MemoryDataset | DiskDataset;
  /** Raw values of these rows, rows × columns. */
  rows(indices: Uint32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Which rows are for what, once it is known how many there are: `unused` are for nothing. */
export type SplitRows = (count: number) => { held: HeldOut; unused: Uint32Array };

/**
 * Reads a table: infers the columns, then reads all rows once, in memory if the raw values take at most
 * `memoryLimit`, else through a temporary file. What columns are scaled by and their categories are those of the
 * training rows. Throws a {@link DataError} that names file, row and column.
 */
export async function openTable(
  path: string,
  options: Configuration,
  splitRows: SplitRows,
  { memoryLimit = MEMORY_LIMIT, diskMemory = DISK_MEMORY, onProgress }: OpenOptions = {},
): Promise<TableData> {
  const table = await Table.open(path);
  try {
    const inferred = await inferTable(table, options);
    const { count, label } = inferred;
    const { held, unused } = splitRows(count);
    const out = [held.validation, held.calibration, held.test, unused];
    const training = new Uint8Array(count).fill(1);
    for (const rows of out) for (const row of rows) training[row] = 0;
    const width = inferred.columns.length;
    const inMemory = 4 * count * width <= memoryLimit;
    const spill = inMemory ? new MemorySpill(count, width) : await DiskSpill.create(width);
    try {
      const profiles = inferred.columns.map((column) => new ColumnProfile(column));
      const anomalous = label && new Uint8Array(count);
      await readThrough(table, inferred, training, profiles, anomalous, spill, onProgress);
      const scaling = (options.scaling ?? 'auto') as NumberScaling;
      const columns = profiles.map((profile, j) => {
        const column = profile.column(scaling);
        if (column && !(column.kind === 'category' && column.categories.length === 0)) return column;
        const { name } = inferred.columns[j].column;
        throw new DataError(
          `${path}: column ${name}: the training rows have no value of it: leave it out with --exclude ${JSON.stringify(name)}`,
        );
      });
      await spill.finish(remapped(columns, profiles));
      const known = { count, columns, label, anomalous, inMemory, excluded: inferred.excluded };
      if (spill instanceof MemorySpill) {
        const { values } = spill;
        return {
          ...known,
          train: new MemoryDataset(values, [width], remaining(count, out)),
          rows: async (indices) => gathered(values, width, indices),
          close: async () => {},
        };
      }
      const file = await NpyFile.open(spill.path, { missing: true });
      return {
        ...known,
        train: new DiskDataset(file, { heldOut: out, memory: diskMemory }),
        rows: async (indices) => (await file.rowsAt(indices)) as Float32Array,
        close: async () => {
          await file.close();
          spill.remove();
        },
      };
    } catch (error) {
      spill.remove();
      throw error;
    }
  } finally {
    table.close();
  }
}

/** Reads all rows into the spill, and the training rows into the profiles. */
async function readThrough(
  table: Table,
  { count, columns, label }: Inferred,
  training: Uint8Array,
  profiles: readonly ColumnProfile[],
  anomalous: Uint8Array | undefined,
  spill: MemorySpill | DiskSpill,
  onProgress: OpenOptions['onProgress'],
): Promise<void> {
  const width = columns.length;
  const trained = training.reduce((sum, one) => sum + one, 0);
  const expressions = columns.map(({ column, kind, words, origin }) =>
    rawSql(column, kind, { words, origin }),
  );
  if (label) expressions.push(label.sql);
  let rows = 0;
  let seen = 0;
  let buffer = new Float32Array(0);
  let flags = new Float32Array(0);
  for await (const chunk of table.stream(expressions)) {
    const size = chunk.rowCount;
    if (rows + size > count) break;
    if (buffer.length < size * width) buffer = new Float32Array(size * width);
    for (const [j, profile] of profiles.entries()) {
      const wrong = copyColumn(chunk, j, buffer, width, 0, (text) => profile.indexOf(text));
      if (wrong !== undefined) throw await noValue(table, rows + wrong, columns[j].column, columns[j].kind);
    }
    if (anomalous) {
      if (flags.length < size * (width + 1)) flags = new Float32Array(size * (width + 1));
      copyColumn(chunk, width, flags, width + 1, 0);
      for (let i = 0; i < size; i++) anomalous[rows + i] = flags[i * (width + 1) + width];
    }
    for (let i = 0; i < size; i++) {
      if (!training[rows + i]) continue;
      const sampled = isSampled(seen++, trained, width);
      for (let j = 0; j < width; j++) profiles[j].add(buffer[i * width + j], sampled);
    }
    await spill.write(buffer.subarray(0, size * width));
    rows += size;
    onProgress?.(rows, count);
  }
  if (rows !== count) {
    throw new DataError(
      `${table.path} was changed while it was read: ${count} rows before, ${rows} now; start again`,
    );
  }
}

/** Puts final indices for the provisional ones of categories; undefined if there is nothing to put. */
function remapped(
  columns: readonly TableColumn[],
  profiles: readonly ColumnProfile[],
): ((rows: Float32Array) => void) | undefined {
  const maps = columns.flatMap((column, j) =>
    column.kind === 'category' ? [{ j, final: profiles[j].remapping(column) }] : [],
  );
  if (maps.length === 0) return undefined;
  const width = columns.length;
  return (rows) => {
    for (const { j, final } of maps) {
      for (let p = j; p < rows.length; p += width) if (rows[p] >= 0) rows[p] = final[rows[p]];
    }
  };
}

function gathered(values: Float32Array, width: number, indices: Uint32Array): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (const [i, row] of indices.entries())
    rows.set(values.subarray(row * width, (row + 1) * width), i * width);
  return rows;
}

/** Rows in a batch that a table is read in to be scored. */
const BATCH = 8192;

/** A value of a column that is handed on as it is. */
export type Cell = number | bigint | boolean | string | null;

/** A column that is handed on beside those of the model, of an open table. */
export interface Beside {
  readonly name: string;
  readonly type: 'integer' | 'number' | 'boolean' | 'text';
  readonly sql: string;
}

/**
 * Takes raw rows (count × columns, float32; NaN where a value is missing, −1 for a category that the model does
 * not know) in the order of the file, `start` the first one's number from 0, and the values of each column beside
 * them. The array of rows is used again for the next batch.
 */
export type OnBatch = (
  rows: Float32Array,
  count: number,
  start: number,
  beside: readonly (readonly Cell[])[],
) => void | Promise<void>;

/**
 * Reads a table through the columns of a model, found by name whatever their order; other columns are passed over.
 * Returns the number of rows. Throws a {@link DataError} that names the column that is not there, or row and
 * column of a value that is none.
 */
export async function readTable(
  path: string,
  columns: readonly TableColumn[],
  onBatch: OnBatch,
  options: { batch?: number } = {},
): Promise<number> {
  const table = await Table.open(path);
  try {
    return await readColumns(table, columns, onBatch, options);
  } finally {
    table.close();
  }
}

/** The column of a table that has a name. Throws a {@link DataError} if there is none that can be read. */
export function columnOf(table: Table, name: string, who: string): FileColumn {
  const column = table.columns.find((column) => column.name === name);
  if (column) return column;
  const why = table.unreadable.find((column) => column.name === name)?.why;
  if (why) throw new DataError(`${table.path}: column ${name}: ${why}`);
  const names = table.columns.map((column) => column.name).join(', ');
  throw new DataError(`${table.path}: there is no column ${name}, which ${who}: the file has ${names}`);
}

/** A column of a table to hand on: whole numbers and texts exactly, other numbers as doubles. */
export async function besideOf(table: Table, name: string): Promise<Beside> {
  const { type, value, text } = columnOf(table, name, 'is asked for');
  if (type === 'boolean') return { name, type, sql: value };
  if (type !== 'number') return { name, type: 'text', sql: text };
  const [[kind]] = await table.query(`SELECT any_value(typeof(${value})) FROM ${table.source}`);
  // Of whole numbers, these may be larger than 64 bits with a sign hold.
  if (/^U?HUGEINT$|^UBIGINT$/.test(String(kind))) return { name, type: 'text', sql: text };
  return /INT/.test(String(kind))
    ? { name, type: 'integer', sql: `CAST(${value} AS BIGINT)` }
    : { name, type: 'number', sql: `CAST(${value} AS DOUBLE)` };
}

/** As {@link readTable}, of an open table, with columns beside those of the model. */
export async function readColumns(
  table: Table,
  columns: readonly TableColumn[],
  onBatch: OnBatch,
  { batch = BATCH, beside = [] }: { batch?: number; beside?: readonly Beside[] } = {},
): Promise<number> {
  const found = columns.map(({ name }) => columnOf(table, name, 'the model needs'));
  for (const [j, column] of columns.entries()) {
    if (column.kind !== 'category') continue;
    await table.run(`CREATE TYPE category_${j} AS ENUM (${column.categories.map(literal).join(', ')})`);
  }
  const expressions = columns.map((column, j) => {
    if (column.kind === 'category') return knownCategorySql(found[j], `category_${j}`);
    return rawSql(found[j], column.kind, {
      words: column.kind === 'flag' ? column.words : undefined,
      origin: column.kind === 'date' ? column.origin : undefined,
    });
  });
  const width = columns.length;
  const others: Cell[][] = beside.map(() => []);
  // A chunk more than a batch: what is over is kept for the next one.
  let buffer = new Float32Array((batch + 2048) * width);
  let filled = 0;
  let start = 0;
  for await (const chunk of table.stream([...expressions, ...beside.map(({ sql }) => sql)])) {
    const needed = (filled + chunk.rowCount) * width;
    if (needed > buffer.length) {
      const larger = new Float32Array(needed);
      larger.set(buffer);
      buffer = larger;
    }
    for (const [j, column] of columns.entries()) {
      const wrong = copyColumn(chunk, j, buffer, width, filled);
      if (wrong !== undefined)
        throw await noValue(table, start + filled + wrong, found[j], column.kind, describeAccepted(column));
    }
    for (const [k, cells] of others.entries()) {
      const vector = chunk.getColumnVector(width + k);
      for (let i = 0; i < chunk.rowCount; i++) cells.push(vector.getItem(i) as Cell);
    }
    filled += chunk.rowCount;
    let done = 0;
    for (; filled - done >= batch; done += batch, start += batch) {
      const rows = buffer.subarray(done * width, (done + batch) * width);
      await onBatch(
        rows,
        batch,
        start,
        others.map((cells) => cells.splice(0, batch)),
      );
    }
    buffer.copyWithin(0, done * width, filled * width);
    filled -= done;
  }
  if (filled > 0) await onBatch(buffer.subarray(0, filled * width), filled, start, others);
  return start + filled;
}

async function noValue(
  table: Table,
  row: number,
  column: Table['columns'][number],
  kind: TableColumn['kind'],
  expected = `a ${kind}`,
): Promise<DataError> {
  const text = await table.textAt(row, column);
  const shown = isMissing(text) ? text : JSON.stringify(text.slice(0, 40));
  return new DataError(
    `${table.path}: row ${row + 1} (counted from 1, without the header), column ${column.name}: ${shown}, expected ${expected}, or nothing if it is missing`,
  );
}

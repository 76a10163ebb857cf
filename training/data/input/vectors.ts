import { stat } from 'node:fs/promises';
import { parseNumber } from '../../../bundle/number-text.ts';
import { isTable } from '../../../bundle/tables/formats.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import { plural } from '../../console/plural.ts';
import { DataError } from '../datasets/error.ts';
import { NpyFile } from '../datasets/npy.ts';
import { openData } from '../datasets/open.ts';
import { isNpy } from '../readers/formats.ts';
import { openTable } from '../readers/open-table.ts';
import { type Carried, readCarriedColumns, readMetadata } from './carried.ts';
import { findIds } from './ids.ts';

/** Rows of numbers that are compared as a whole, such as embeddings, and what else is known about each row. */
export interface Vectors {
  /** n × d, finite */
  readonly values: Float32Array;
  readonly n: number;
  readonly d: number;
  /** The columns that the numbers come from, in their order; undefined without names, or if one column holds lists. */
  readonly names: readonly string[] | undefined;
  /** The columns that the numbers come from, in words; undefined for a file that is all numbers. */
  readonly from: string | undefined;
  /** What else was done with the file, a sentence each. */
  readonly notes: readonly string[];
  /** Columns of numbers that look like ids, and are carried along. */
  readonly ids: readonly string[];
  /** All other columns that can be read, with n values each. */
  readonly carried: readonly Carried[];
}

/** Which columns of a table are the numbers: by default one column of lists, or else every column of numbers that is no id. */
export interface VectorOptions {
  readonly columns?: readonly string[];
  readonly exclude?: readonly string[];
  /** Columns of numbers that are ids; by default those that look like it. */
  readonly ids?: readonly string[];
  /** Columns of numbers that are wanted, in this order, unless the numbers have no names. */
  readonly like?: readonly string[] | undefined;
  /** A table whose columns come along: a row for each vector. */
  readonly metadata?: string;
}

/** The bytes that all vectors may take as float32. */
const MOST_BYTES = 2 ** 31;

const ACCEPTED = 'a .npy file, or a table (.csv, .tsv, .parquet, .json, .ndjson)';

/** Reads vectors from a file. Throws a {@link DataError} that names row and column of what is no finite number. */
export async function readVectors(path: string, options: VectorOptions = {}): Promise<Vectors> {
  const vectors = await readFile(path, options);
  const { metadata } = options;
  if (metadata === undefined) return vectors;
  const joined = await readMetadata(metadata, path, vectors);
  return { ...vectors, carried: [...vectors.carried, ...joined] };
}

async function readFile(path: string, options: VectorOptions): Promise<Vectors> {
  if (isNpy(path)) return readNpy(path, options);
  if (isTable(path)) {
    await using table = await openTable(path);
    return await readTable(table, options);
  }
  const found = await stat(path).catch(() => undefined);
  throw new DataError(
    `${path} ${found ? 'is not supported' : 'cannot be read: there is no such file'}: expected ${ACCEPTED}`,
  );
}

async function readNpy(path: string, { columns, exclude }: VectorOptions): Promise<Vectors> {
  if (columns ?? exclude) throw new DataError(`${path} has no named columns: use a table to choose some`);
  await assertNpyFits(path);
  await using data = await openData(path, { memoryLimit: MOST_BYTES });
  const { count: n, features: d, shape } = data;
  const values = new Float32Array(n * d);
  const rows = await data.rows(Uint32Array.from({ length: n }, (_, i) => i));
  rows.read(0, n, values);
  const flat = `each row, of shape ${shape.join(' × ')}, is flattened to ${d} numbers`;
  const notes = shape.length > 1 ? [flat] : [];
  return { values, n, d, names: undefined, from: undefined, notes, ids: [], carried: [] };
}

async function readTable(table: Table, options: VectorOptions): Promise<Vectors> {
  const { path } = table;
  const { lists, numbers } = await sortColumns(table);
  const named = chooseColumns(path, lists, numbers, options);
  const isList = lists.has(named[0]!);
  const known = options.columns || isList ? [] : options.ids?.filter((name) => numbers.has(name));
  const ids =
    known ??
    (await findIds(
      table,
      named.map((name) => numbers.get(name)!),
    ));
  const chosen = named.filter((name) => !ids.includes(name));
  if (chosen.length === 0) {
    throw new DataError(
      `${path}: there is nothing to map but ${ids.join(', ')}, which looks like an id: name it with --columns`,
    );
  }
  const rows = new Rows(path);
  if (isList) {
    for await (const batch of lists.get(chosen[0]!)!()) {
      for (const value of batch) rows.add(value, chosen[0]!);
    }
  } else await readNumbers(table, chosen, rows);
  const excluded = new Set([...chosen, ...(options.columns ? [] : (options.exclude ?? []))]);
  const names = table.columns.map(({ name }) => name).filter((name) => !excluded.has(name));
  const carried = await readCarriedColumns(table, names);
  const from = chosen.length === 1 ? `column ${chosen[0]}` : `${chosen.length} columns`;
  const notes = ids.map(
    (name) => `column ${name} looks like an id: it is carried along, not mapped; --columns would map it`,
  );
  return { ...rows.finish(), names: isList ? undefined : chosen, from, notes, ids, carried };
}

/** Values of a column of lists, or of texts that are lists, some rows at a time. */
type ReadLists = () => AsyncGenerator<readonly unknown[]>;

/** Finds the columns that hold lists, and those of which every value is a number. */
async function sortColumns(
  table: Table,
): Promise<{ lists: Map<string, ReadLists>; numbers: Map<string, FileColumn> }> {
  const lists = new Map<string, ReadLists>();
  for (const { name } of table.unreadable) {
    for await (const [first] of table.readNested(name)) {
      if (Array.isArray(first)) lists.set(name, () => table.readNested(name));
      break;
    }
  }
  const numbers = new Map(
    table.columns.filter(({ type }) => type === 'number').map((column) => [column.name, column]),
  );
  const texts = table.columns.filter(({ type }) => type === 'text');
  const open = new Map(texts.map((column, j) => [column, j]));
  let first = true;
  for await (const { count, cells } of table.read(texts)) {
    for (const [column, j] of open) {
      const own = cells[j]!;
      if (first && parseList(own.value(0)) !== undefined) {
        lists.set(column.name, () => readTextLists(table, column));
        open.delete(column);
      }
      for (let i = 0; i < count && open.has(column); i++) {
        const value = own.value(i);
        if (!isBlank(value) && parseNumber(String(value)) === undefined) open.delete(column);
      }
    }
    first = false;
    if (open.size === 0) break;
  }
  if (!first) for (const column of open.keys()) numbers.set(column.name, column);
  return { lists, numbers };
}

async function* readTextLists(table: Table, column: FileColumn): AsyncGenerator<unknown[]> {
  for await (const { count, cells } of table.read([column])) {
    yield Array.from({ length: count }, (_, i) => {
      const value = cells[0]!.value(i);
      return parseList(value) ?? value;
    });
  }
}

/** The list that a text is, as JSON writes it; undefined if it is none. */
function parseList(value: unknown): unknown[] | undefined {
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined;
  try {
    return JSON.parse(value) as unknown[];
  } catch {
    return undefined;
  }
}

function chooseColumns(
  path: string,
  lists: ReadonlyMap<string, ReadLists>,
  numbers: ReadonlyMap<string, FileColumn>,
  { columns, exclude = [], like }: VectorOptions,
): string[] {
  const known = [...lists.keys(), ...numbers.keys()];
  const described = known.length === 0 ? 'no columns of numbers' : known.join(', ');
  const unknown = [...(columns ?? [])].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new DataError(
      `${path}: ${unknown} is no column of numbers or lists of them: the file has ${described}`,
    );
  }
  const both = columns?.find((name) => exclude.includes(name));
  if (both !== undefined) {
    throw new DataError(`--columns and --exclude both name ${both}: leave it out of one of them`);
  }
  if (columns) {
    const list = columns.find((name) => lists.has(name));
    if (list === undefined || columns.length === 1) return [...columns];
    throw new DataError(`${path}: column ${list} holds lists: name it alone, or columns of numbers`);
  }
  const [list, ...others] = [...lists.keys()].filter((name) => !exclude.includes(name));
  if (others.length > 0) {
    throw new DataError(
      `${path}: columns ${[list, ...others].join(', ')} hold lists of numbers: name one with --columns`,
    );
  }
  if (list !== undefined) return [list];
  const missing = like?.find((name) => !numbers.has(name));
  if (missing !== undefined) {
    throw new DataError(
      `${path}: the map was made of ${missing}, which is no column of numbers here: the file has ${described}`,
    );
  }
  if (like) return [...like];
  const rest = [...numbers.keys()].filter((name) => !exclude.includes(name));
  if (rest.length > 0) return rest;
  throw new DataError(`${path}: there is nothing to map: expected a column of lists, or columns of numbers`);
}

async function readNumbers(table: Table, names: readonly string[], rows: Rows): Promise<void> {
  const columns = names.map((name) => table.columns.find((column) => column.name === name)!);
  const row = new Array<unknown>(columns.length);
  for await (const { count, cells } of table.read(columns)) {
    for (let i = 0; i < count; i++) {
      for (const [j, { type }] of columns.entries()) {
        const value = cells[j]!.value(i);
        row[j] = type !== 'text' ? value : isBlank(value) ? null : parseNumber(String(value));
      }
      rows.add(row, names);
    }
  }
}

/** Rows of numbers as they come. */
class Rows {
  readonly #path: string;
  #values = new Float32Array(0);
  #count = 0;
  #width = -1;

  constructor(path: string) {
    this.#path = path;
  }

  /** Adds a row; `names` are its columns, or the column that it is in. */
  add(row: unknown, names: string | readonly string[]): void {
    const problem = (column: string, what: string) =>
      new DataError(`${this.#path}: row ${this.#count + 1}, column ${column}: ${what}`);
    if (!Array.isArray(row)) throw problem(String(names), `expected a list of numbers, got ${describe(row)}`);
    if (this.#width < 0) this.#width = row.length;
    if (row.length !== this.#width || row.length === 0) {
      throw problem(String(names), `expected a list of ${this.#width || 'some'} numbers, got ${row.length}`);
    }
    const start = this.#count * this.#width;
    if (4 * (start + this.#width) > MOST_BYTES) throw tooLargeError(this.#path, this.#width);
    if (start + this.#width > this.#values.length) {
      const grown = new Float32Array(2 * (start + 64 * this.#width));
      grown.set(this.#values);
      this.#values = grown;
    }
    for (const [j, value] of row.entries()) {
      const number = typeof value === 'bigint' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(Math.fround(number))) {
        const column = typeof names === 'string' ? `${names}, place ${j + 1}` : names[j]!;
        throw problem(column, `expected a number, got ${describe(value)}`);
      }
      this.#values[start + j] = number;
    }
    this.#count++;
  }

  /** All rows. Throws a {@link DataError} if there are none. */
  finish(): { values: Float32Array; n: number; d: number } {
    if (this.#count === 0) throw new DataError(`${this.#path}: there are no rows`);
    const [n, d] = [this.#count, this.#width];
    return { values: this.#values.subarray(0, n * d), n, d };
  }
}

/** Throws a {@link DataError} if the vectors of a file take too much memory, before they are read. */
async function assertNpyFits(path: string): Promise<void> {
  await using file = await NpyFile.open(path);
  if (4 * file.count * file.features > MOST_BYTES) throw tooLargeError(path, file.features);
}

function tooLargeError(path: string, width: number): DataError {
  const most = Math.floor(MOST_BYTES / 4 / width).toLocaleString('en');
  return new DataError(
    `${path} is too large: at most ${MOST_BYTES / 2 ** 30} GiB of float32 fit, which is ${most} rows of ${plural(width, 'number')}`,
  );
}

/** Whether a cell of CSV is empty. */
const isBlank = (value: unknown): boolean => value === null || String(value).trim() === '';

const describe = (value: unknown): string => {
  if (value === null || value === undefined) return 'no value';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};

import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import * as z from 'zod';
import { BundleError } from './error.ts';
import type { Manifest } from './manifest.ts';
import type { RecordValue } from './record.ts';
import { nameRowColumns } from './row-columns.ts';
import { ROWS_FILE } from './rows-file.ts';
import type { PointRow, Reason, RowsDescription } from './rows-schema.ts';

/** Row groups that are kept once they have been read. */
const KEPT_GROUPS = 8;

const Id = z.string().nullable();
const Value = z.union([z.number(), z.string(), z.boolean(), z.null()]);

/** Reads `rows.parquet` as much as is asked for: some rows by their row groups, or a column. */
export class RowsFile {
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;
  readonly #description: RowsDescription;
  readonly #names: ReturnType<typeof nameRowColumns>;
  readonly #count: number;
  /** The least recently used first. */
  readonly #groups = new Map<number, Promise<PointRow[]>>();

  private constructor(file: AsyncBuffer, metadata: FileMetaData, manifest: Manifest, rows: RowsDescription) {
    this.#file = file;
    this.#metadata = metadata;
    this.#description = rows;
    this.#names = nameRowColumns(manifest, rows);
    this.#count = manifest.map.points;
  }

  /** Reads the file's metadata. Throws a {@link BundleError} if the manifest has no rows or they do not fit it. */
  static async open(file: AsyncBuffer, manifest: Manifest): Promise<RowsFile> {
    if (!manifest.rows) throw new BundleError('this bundle keeps no rows');
    const metadata = await parquetMetadataAsync(file).catch((error: Error) => {
      throw new BundleError(`${ROWS_FILE} is damaged: ${error.message}`);
    });
    if (Number(metadata.num_rows) !== manifest.map.points) {
      throw new BundleError(
        `${ROWS_FILE} has ${metadata.num_rows} rows, but the map has ${manifest.map.points} points`,
      );
    }
    const opened = new RowsFile(file, metadata, manifest, manifest.rows);
    const found = new Set(metadata.schema.map(({ name }) => name));
    const absent = opened.#list().find((name) => !found.has(name));
    if (absent !== undefined) throw new BundleError(`${ROWS_FILE} is damaged: it has no column ${absent}`);
    return opened;
  }

  /** The rows of these points. */
  async rows(indices: readonly number[]): Promise<PointRow[]> {
    const { group } = this.#description;
    return Promise.all(
      indices.map(async (index) => {
        const row = (await this.#group(Math.floor(index / group)))[index % group];
        if (!row) throw new BundleError(`there is no row ${index}: the map has ${this.#count} points`);
        return row;
      }),
    );
  }

  /** One column for all points: an id or a value by its name in the data, or a detector's surprise. */
  async column(name: string): Promise<RecordValue[]> {
    const { ids, values, surprises } = this.#names;
    if (![ids, values, surprises].some((names) => names.includes(name))) {
      throw new BundleError(`${ROWS_FILE} has no column ${name}`);
    }
    const rows = await this.#read([name], 0, this.#count);
    return rows.map((row) => this.#parse(Value, row[name], name));
  }

  /** The reasons of all points. */
  async reasons(): Promise<Reason[][]> {
    const names = this.#names.reasons.flatMap((reason) => Object.values(reason));
    if (names.length === 0) return Array.from({ length: this.#count }, () => []);
    return (await this.#read(names, 0, this.#count)).map((row) => this.#reasonsOf(row));
  }

  #list(): string[] {
    const { ids, values, surprises, reasons } = this.#names;
    return [...ids, ...values, ...surprises, ...reasons.flatMap((reason) => Object.values(reason))];
  }

  #group(number: number): Promise<PointRow[]> {
    const known = this.#groups.get(number);
    const { group } = this.#description;
    const rows =
      known ?? this.#readGroup(number, number * group, Math.min((number + 1) * group, this.#count));
    this.#groups.delete(number);
    this.#groups.set(number, rows);
    rows.catch(() => this.#groups.delete(number));
    const [oldest] = this.#groups.keys();
    if (this.#groups.size > KEPT_GROUPS) this.#groups.delete(oldest!);
    return rows;
  }

  async #readGroup(number: number, start: number, end: number): Promise<PointRow[]> {
    const { ids, values, surprises } = this.#names;
    const rows = await this.#read(this.#list(), start, end, await this.#load(number));
    return rows.map((row) => ({
      ids: ids.map((name) => this.#parse(Id, row[name], name)),
      values: this.#description.values
        ? values.map((name) => this.#parse(Value, row[name], name))
        : undefined,
      surprises: surprises.map((name) => this.#parse(z.number(), row[name], name)),
      reasons: this.#reasonsOf(row),
    }));
  }

  #reasonsOf(row: Record<string, unknown>): Reason[] {
    const number = (name: string) => this.#parse(z.number(), row[name], name);
    return this.#names.reasons.map(({ index, share, expected }) => ({
      index: number(index),
      share: number(share),
      expected: number(expected),
    }));
  }

  #parse<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
    const parsed = schema.safeParse(value ?? null);
    if (parsed.success) return parsed.data;
    throw new BundleError(`${ROWS_FILE} is damaged: column ${name}: ${parsed.error.issues[0]!.message}`);
  }

  /** Reads a row group at once, as a file of which only these bytes are read again. */
  async #load(number: number): Promise<AsyncBuffer> {
    const file = this.#file;
    const ranges = (this.#metadata.row_groups[number]?.columns ?? []).flatMap(({ meta_data }) => {
      if (!meta_data) return [];
      const { dictionary_page_offset, data_page_offset, total_compressed_size } = meta_data;
      const start = Number(dictionary_page_offset ?? data_page_offset);
      return [{ start, end: start + Number(total_compressed_size) }];
    });
    const first = Math.min(...ranges.map(({ start }) => start));
    const last = Math.max(...ranges.map(({ end }) => end));
    if (ranges.length === 0 || file instanceof ArrayBuffer) return file;
    const bytes = await file.slice(first, last);
    return {
      byteLength: file.byteLength,
      slice: (start, end = file.byteLength) =>
        start >= first && end <= last ? bytes.slice(start - first, end - first) : file.slice(start, end),
    };
  }

  async #read(
    columns: string[],
    rowStart: number,
    rowEnd: number,
    file = this.#file,
  ): Promise<Record<string, unknown>[]> {
    try {
      const options = { file, metadata: this.#metadata, columns, rowStart, rowEnd };
      return await parquetReadObjects(options);
    } catch (error) {
      throw new BundleError(`${ROWS_FILE} cannot be read: ${(error as Error).message}`);
    }
  }
}

import {
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
} from 'hyparquet';
import { nameColumns } from '../../bundle/column-names.ts';
import { DataError } from '../../bundle/error.ts';
import { shortestFloat } from '../../bundle/float.ts';
import type { RecordValue } from '../../bundle/record.ts';
import type { Batch, Cells, FileColumn, Table, UnreadableColumn } from '../../bundle/tables/table.ts';
import type { NamedFile } from './text-file.ts';

/** Rows that are read at a time. */
const BATCH = 16_384;

const DAY_MILLISECONDS = 86_400_000;

/** Dates and times as days since 1970-01-01, as the command line gets them. */
const PARSERS: Partial<ParquetParsers> = {
  dateFromDays: (days: number) => days,
  timestampFromMilliseconds: (count: bigint) => Number(count) / DAY_MILLISECONDS,
  timestampFromMicroseconds: (count: bigint) => Number(count) / 1e3 / DAY_MILLISECONDS,
  timestampFromNanoseconds: (count: bigint) => Number(count) / 1e6 / DAY_MILLISECONDS,
};

/** Compressions that hyparquet decodes by itself. */
const PLAIN: readonly string[] = ['UNCOMPRESSED', 'SNAPPY'];

type Values = Record<string, unknown>;

/** A column, and how its values look in the file. */
interface Described extends FileColumn {
  /** Its name as the file has it. */
  readonly field: string;
  readonly float32: boolean;
  /** Digits behind the point of its decimals. */
  readonly scale: number | undefined;
  /** Whether its dates have a time of day. */
  readonly time: boolean;
}

/** A .parquet file in the browser. Its values have types. */
export class ParquetTable implements Table {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable: readonly UnreadableColumn[];
  readonly #blob: Blob;
  readonly #metadata: FileMetaData;
  readonly #described: ReadonlyMap<FileColumn, Described>;
  readonly #compressors: Compressors | undefined;

  /** Opens a file. Throws a {@link DataError} if it is no Parquet file. */
  static async open(file: NamedFile): Promise<ParquetTable> {
    try {
      const metadata = await parquetMetadataAsync(bufferOf(file.blob));
      const codecs = metadata.row_groups.flatMap(({ columns }) => columns.map((it) => it.meta_data?.codec));
      const packed = codecs.some((codec) => codec !== undefined && !PLAIN.includes(codec));
      const compressors = packed ? (await import('hyparquet-compressors')).compressors : undefined;
      return new ParquetTable(file, metadata, compressors);
    } catch (error) {
      throw explainError(file.path, error);
    }
  }

  private constructor({ path, blob }: NamedFile, metadata: FileMetaData, compressors?: Compressors) {
    this.path = path;
    this.#blob = blob;
    this.#metadata = metadata;
    this.#compressors = compressors;
    const columns: Described[] = [];
    const unreadable: UnreadableColumn[] = [];
    const elements = parquetSchema(metadata).children;
    const names = nameColumns(
      path,
      elements.map(({ element }) => element.name),
    );
    for (const [i, { element, children }] of elements.entries()) {
      const name = names[i]!;
      const found = children.length > 0 ? 'it holds lists or records' : describeColumn(element);
      if (typeof found === 'string') unreadable.push({ name, why: found });
      else columns.push({ ...found, name, field: element.name });
    }
    this.columns = columns;
    this.unreadable = unreadable;
    this.#described = new Map(columns.map((column) => [column, column]));
  }

  async *read(columns: readonly FileColumn[]): AsyncGenerator<Batch> {
    const described = columns.map((column) => this.#described.get(column)!);
    const fields = described.map(({ field }) => field);
    let rows: Values[] = [];
    const cells = described.map((column) => makeCells(column, (i) => rows[i]![column.field]));
    const count = Number(this.#metadata.num_rows);
    for (let start = 0; start < count; start += BATCH) {
      try {
        rows = await parquetReadObjects({
          file: bufferOf(this.#blob),
          metadata: this.#metadata,
          columns: [...new Set(fields)],
          rowStart: start,
          rowEnd: Math.min(count, start + BATCH),
          parsers: PARSERS,
          ...(this.#compressors && { compressors: this.#compressors }),
        });
      } catch (error) {
        throw explainError(this.path, error);
      }
      yield { count: rows.length, cells };
    }
  }

  /** Lists are not read in the browser. */
  async *readNested(): AsyncGenerator<unknown[]> {}

  async estimateRows(): Promise<number> {
    return Number(this.#metadata.num_rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const bufferOf = (blob: Blob) => ({
  byteLength: blob.size,
  slice: (start: number, end?: number) => blob.slice(start, end).arrayBuffer(),
});

/** What a column holds, or why it cannot be read: as the command line describes it. */
function describeColumn(element: SchemaElement): Omit<Described, 'name' | 'field'> | string {
  const { type, converted_type: converted, logical_type: logical } = element;
  const column = (kind: FileColumn['type'], rest: Partial<Described> = {}) => ({
    type: kind,
    whole: false,
    float32: false,
    scale: undefined,
    time: false,
    ...rest,
  });
  const kind = logical?.type ?? converted;
  if (type === 'BOOLEAN') return column('boolean');
  if (kind === 'DATE') return column('date');
  if (kind === 'TIMESTAMP' || kind === 'TIMESTAMP_MILLIS' || kind === 'TIMESTAMP_MICROS' || type === 'INT96')
    return column('date', { time: true });
  if (kind === 'DECIMAL') return column('number', { scale: element.scale ?? 0 });
  if (kind === 'FLOAT16' || type === 'FLOAT') return column('number', { float32: true });
  if (type === 'DOUBLE') return column('number');
  if (kind === 'UTF8' || kind === 'STRING' || kind === 'ENUM' || kind === 'UUID') return column('text');
  const counts = kind === undefined || kind === 'INTEGER' || /^U?INT_/.test(kind);
  if (counts && (type === 'INT32' || type === 'INT64')) {
    const unsigned = logical?.type === 'INTEGER' ? !logical.isSigned : converted === 'UINT_64';
    return column('number', { whole: true, wide: type === 'INT64' && unsigned });
  }
  return `its values are of type ${kind ?? 'BLOB'}`;
}

/** The values of a column, from what the file has in a row. */
function makeCells({ type, whole, float32, scale, time }: Described, found: (i: number) => unknown): Cells {
  const number = (i: number): number => {
    const value = found(i);
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  };
  switch (type) {
    case 'number': {
      const value = (i: number): RecordValue => {
        const known = number(i);
        if (Number.isNaN(known)) return null;
        return float32 && Number.isFinite(known) ? shortestFloat(known) : known;
      };
      const exact = (i: number): RecordValue => {
        if (found(i) == null) return null;
        return scale === undefined ? String(found(i)) : number(i).toFixed(scale);
      };
      return { number, value, exact: whole || scale !== undefined ? exact : value };
    }
    case 'date': {
      const value = (i: number) => (Number.isNaN(number(i)) ? null : formatDays(number(i), time));
      return { number, value, exact: value };
    }
    default: {
      const value = (i: number) => (found(i) ?? null) as RecordValue;
      return { number: () => Number.NaN, value, exact: value };
    }
  }
}

/** A date as the command line writes it: `2024-05-31`, `2024-05-31 16:30:00`. */
function formatDays(days: number, time: boolean): string {
  const date = new Date(Math.round(days * DAY_MILLISECONDS));
  if (Number.isNaN(date.getTime())) return `${days} days`;
  const text = date.toISOString();
  return time
    ? text
        .replace('T', ' ')
        .replace(/(\.\d*?)0*Z$/, '$1')
        .replace(/\.$/, '')
    : text.slice(0, 10);
}

function explainError(path: string, error: unknown): DataError {
  if (error instanceof DataError) return error;
  return new DataError(
    `${path} cannot be read as a table: it is damaged, or not a Parquet file (${(error as Error).message})`,
  );
}

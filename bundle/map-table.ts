import { parquetReadObjects } from 'hyparquet';
import { parseDate } from './date.ts';
import { type DatePrecision, datePrecision } from './date-format.ts';
import { BundleError } from './error.ts';
import type { Categories } from './map.ts';

/** What is known about the points of a map without a model, besides their places, a value for each. */
export type MetadataColumn = { name: string } & (
  | ({ kind: 'category' } & Categories)
  | {
      kind: 'number';
      /** NaN is missing. Dates are days since 1970-01-01 UTC. */
      values: Float64Array;
      /** For dates: to the day or, where a value has a time of day, to the second. */
      dates?: DatePrecision;
      /** Whether it has another whole number for each row. */
      ids: boolean;
    }
  | { kind: 'text'; texts: (string | null)[] }
);

/** `map.parquet` of a map without a model: a row for each vector, in the order of the file that it comes from. */
export interface MapTable {
  count: number;
  x: Float32Array;
  y: Float32Array;
  /** All other columns that have a value, in their order. */
  columns: MetadataColumn[];
}

/** Texts of a column up to which they are categories, to colour by; with more, they are names. */
const MOST_CATEGORIES = 50;

/** Reads `map.parquet` of a map without a model. Throws a {@link BundleError} if it is damaged. */
export async function readMapTable(bytes: Uint8Array): Promise<MapTable> {
  const rows = await parquetReadObjects({ file: bytes.slice().buffer }).catch((error: Error) => {
    throw damaged(error.message);
  });
  const place = (axis: 'x' | 'y') =>
    Float32Array.from(rows, (row, i) => {
      const value = row[axis];
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      throw damaged(`row ${i}, column ${axis}: expected a number, found ${value}`);
    });
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== 'x' && name !== 'y');
  return {
    count: rows.length,
    x: place('x'),
    y: place('y'),
    columns: names.flatMap((name) => {
      const values = rows.map((row) => row[name] as unknown);
      return values.every(isMissing) ? [] : [describe(name, values)];
    }),
  };
}

/** A column that has a value. */
function describe(name: string, values: readonly unknown[]): MetadataColumn {
  const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';
  if (values.every((value) => isNumber(value) || isMissing(value))) {
    const numbers = Float64Array.from(values, (value) => (isMissing(value) ? Number.NaN : Number(value)));
    const ids = numbers.every(Number.isInteger) && new Set(numbers).size === numbers.length;
    return { name, kind: 'number', values: numbers, ids };
  }
  const texts = values.map((value) => (isMissing(value) ? null : String(value)));
  const dates = readDates(texts);
  if (dates) return { name, kind: 'number', values: dates, ids: false, dates: datePrecision(dates) };
  const found = [...new Set(texts)].filter((text) => text !== null).sort();
  // One row each: they name the rows.
  if (found.length > MOST_CATEGORIES || found.length === texts.length) return { name, kind: 'text', texts };
  const index = new Map(found.map((text, code) => [text, code]));
  const codes = Int16Array.from(texts, (text) => (text === null ? -1 : index.get(text)!));
  return { name, kind: 'category', names: found, codes };
}

/** Texts as dates, a missing one as NaN; undefined if one is no date. */
function readDates(texts: readonly (string | null)[]): Float64Array | undefined {
  const days = new Float64Array(texts.length).fill(Number.NaN);
  for (const [i, text] of texts.entries()) {
    if (text === null) continue;
    const day = parseDate(text);
    if (day === undefined) return undefined;
    days[i] = day;
  }
  return days;
}

const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined;

const damaged = (how: string) => new BundleError(`map.parquet is damaged: ${how}`);

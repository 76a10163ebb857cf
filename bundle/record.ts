import { addOrigin, displayValue } from './column-display.ts';
import type { TableColumn } from './column-schema.ts';
import { shortestFloat } from './float.ts';

/** A value of a record, as in JSON; null is missing. */
export type RecordValue = number | string | boolean | null;
export type TableRecord = Record<string, RecordValue>;

/** The raw values of an ordinary row: the median of numbers and dates, else the most frequent value. */
export function typicalRow(columns: readonly TableColumn[]): Float32Array {
  return Float32Array.from(columns, (column) => {
    switch (column.kind) {
      case 'number':
        return roundTypical(column.missing, column.origin ?? 0);
      case 'flag':
        return column.missing;
      case 'category':
        return 0;
      case 'date':
        return column.time ? column.missing : Math.round(column.missing);
    }
  });
}

/** To four digits; a number with an origin, to the digits that are left of it. */
const roundTypical = (raw: number, origin: number): number => {
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(raw) || 1)));
  return origin === 0
    ? Number(raw.toPrecision(4))
    : Number((raw + origin).toFixed(Math.min(decimals, 12))) - origin;
};

/** A text that is not one of the categories. */
export function unknownCategory(categories: readonly string[]): string {
  let text = 'unknown';
  while (categories.includes(text)) text += '?';
  return text;
}

/** Converts raw values, one per column, to a record. The inverse of `parseRecord`. */
export function toRecord(columns: readonly TableColumn[], raw: ArrayLike<number>): TableRecord {
  return Object.fromEntries(columns.map((column, j) => [column.name, toRecordValue(column, raw[j]!)]));
}

function toRecordValue(column: TableColumn, raw: number): RecordValue {
  if (Number.isNaN(raw)) return null;
  switch (column.kind) {
    case 'number':
      return addOrigin(column, shortestFloat(raw));
    case 'flag':
      return raw >= 0.5;
    case 'category':
      return column.categories[raw] ?? unknownCategory(column.categories);
    case 'date':
      return displayValue(column, raw);
  }
}

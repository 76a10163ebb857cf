import { describeAccepted, TOO_LARGE } from './column-display.ts';
import { readingOf, readValue, UNFIT } from './column-reading.ts';
import type { TableColumn } from './column-schema.ts';
import { DURATION } from './notation.ts';
import { parseNumber } from './number-text.ts';
import type { RecordValue } from './record.ts';

/** Why a value of a record is invalid. */
export interface ColumnError {
  /** The name of the column; empty if the error is about the whole record. */
  column: string;
  detail: string;
}

/**
 * Parses a record into `target`, one raw value per column, starting at `offset`. A record is an object with the
 * column names as keys (other keys are ignored) or an array in column order. Its values are JSON: numbers, booleans,
 * strings, ISO 8601 dates. Null means missing; a column that was missing in some training rows may also be absent.
 * Returns all errors; an empty array if the record is valid.
 */
export function parseRecord(
  columns: readonly TableColumn[],
  record: Readonly<Record<string, unknown>> | readonly unknown[],
  target: Float32Array,
  offset = 0,
): ColumnError[] {
  const listed = Array.isArray(record);
  if (listed && record.length !== columns.length) {
    const names = columns.map(({ name }) => name).join(', ');
    return [{ column: '', detail: `expected ${columns.length} values (${names}), got ${record.length}` }];
  }
  const errors: ColumnError[] = [];
  for (const [j, column] of columns.entries()) {
    const { name, missing_share } = column;
    const has = listed || Object.hasOwn(record, name);
    const value = listed ? record[j] : (record as Readonly<Record<string, unknown>>)[name];
    if (!has && missing_share > 0) target[offset + j] = Number.NaN;
    else if (!has || value === undefined) {
      const detail = `absent: expected ${describeAccepted(column)}, or null for a missing value`;
      errors.push({ column: name, detail });
    } else {
      const raw = parseValue(column, value);
      if (typeof raw === 'string') errors.push({ column: name, detail: raw });
      else target[offset + j] = raw;
    }
  }
  return errors;
}

/** The raw value of a JSON value or of a text, or a sentence about what is wrong with it. */
export function parseValue(column: TableColumn, value: unknown): number | string {
  const isValue = value === null || ['number', 'string', 'boolean'].includes(typeof value);
  const raw = isValue ? readValue(readingOf(column), value as RecordValue) : UNFIT;
  return raw === UNFIT ? `expected ${describeExpected(column, value)}, got ${quote(value)}` : raw;
}

/** What is expected instead of a value that a column does not accept. */
export function describeExpected(column: TableColumn, value: unknown): string {
  if (column.kind !== 'number') return describeAccepted(column);
  const { notation } = column;
  const size = typeof value === 'string' ? parseNumber(value, notation) : value;
  if (typeof size === 'number') return describeAccepted(column, ' within ±3.4e38');
  if (typeof value !== 'string' || notation === DURATION) return describeAccepted(column);
  const decimal = notation?.decimal ?? '.';
  const other = decimal === '.' ? ',' : '.';
  const [whole, fraction = '', ...more] = value.trim().split(other);
  const swapped = `${whole}${decimal}${fraction}`;
  // Three digits may be thousands.
  const clear = /^\d/.test(fraction) && !/^\d{3}(?!\d)/.test(fraction) && more.length === 0;
  if (!clear || parseNumber(swapped, notation) === undefined) return describeAccepted(column);
  return `a decimal ${decimal === '.' ? 'point' : 'comma'}, as in the training data: "${swapped}"`;
}

/** A value as it stands in an error, cut if it is long. */
const quote = (value: unknown): string => {
  if (value === Infinity || value === -Infinity) return TOO_LARGE;
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};

import { TOO_LARGE } from '../column-display.ts';
import { DataError } from '../error.ts';
import type { RecordValue } from '../record.ts';
import type { Table } from './table.ts';

/** Longest value in a message. */
const LONGEST = 60;

/** A value of the data in a message, in quotes; a long one is cut. */
export function showValue(value: RecordValue): string {
  // JSON has no infinity: it was a number such as 1e400.
  if (value === Infinity || value === -Infinity) return TOO_LARGE;
  const text = String(value);
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
}

/** Where a value is, in a message: its row, counted from 0 here, and its column. */
export const describePlace = ({ path }: Pick<Table, 'path'>, row: number, name: string): string =>
  `${path}: row ${row + 1} (counted from 1, without the header), column ${name}`;

/** The error for a column's value, in a row counted from 0, that does not fit the column's kind. */
export const invalidValueError = (
  table: Pick<Table, 'path'>,
  row: number,
  name: string,
  value: RecordValue,
  expected: string,
): DataError =>
  new DataError(
    `${describePlace(table, row, name)}: ${showValue(value)}, expected ${expected}, or nothing if it is missing`,
  );

import { findGaps, type Reading, readValue, UNFIT } from '../column-reading.ts';
import type { Cells, FileColumn } from './table.ts';

/** Reads the raw value in row i of a column's cells: NaN, −1 and UNFIT as from `readValue`. */
export type ReadCell = (cells: Cells, i: number) => number;

/** Reads the cells of a column. Plain numbers and dates that have this type are read without making texts of them. */
export function makeCellReader({ type }: FileColumn, reading: Reading): ReadCell {
  const { kind } = reading;
  const gaps = findGaps(reading.na);
  const { origin = 0 } = kind === 'number' ? reading : {};
  // A float32 in a file is, like in JSON, the shortest number that rounds to it: only far from an origin that matters.
  const exact = origin === 0 || type === 'text';
  if (kind === 'number' && reading.notation === undefined && type !== 'date' && exact) {
    return (cells, i) => {
      const number = cells.number(i);
      if (Number.isNaN(number)) return readValue(reading, cells.value(i));
      if (gaps.numbers.has(number)) return Number.NaN;
      const raw = Math.fround(number - origin);
      return Number.isFinite(raw) ? raw : UNFIT;
    };
  }
  if (kind === 'date' && type === 'date') {
    const { origin } = reading;
    return (cells, i) => {
      const days = cells.number(i);
      return gaps.days.has(days) ? Number.NaN : Math.fround(days - origin);
    };
  }
  return (cells, i) => readValue(reading, cells.value(i));
}

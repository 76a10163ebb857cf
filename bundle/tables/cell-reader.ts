import { type Reading, readValue, UNFIT } from '../column-reading.ts';
import { isInCalendar } from '../date-format.ts';
import { findGaps } from '../missing-value.ts';
import type { Cells, FileColumn } from './table.ts';

/** Reads the raw value in row i of a column's cells: NaN, −1 and UNFIT as from `readValue`. */
export type ReadCell = (cells: Cells, i: number) => number;

/** Reads the cells of a column. Plain numbers and dates that have this type are read without making texts of them. */
export function makeCellReader({ type, whole }: FileColumn, reading: Reading): ReadCell {
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
      // What is no date in other files is none here: 0001-01-01, infinity.
      if (!isInCalendar(days)) return readValue(reading, cells.value(i));
      return gaps.hasDay(days) ? Number.NaN : Math.fround(days - origin);
    };
  }
  if (kind !== 'category') return (cells, i) => readValue(reading, cells.value(i));
  if (type !== 'number' || whole) return (cells, i) => readValue(reading, cells.exact(i));
  // Decimals are found as they are written, or as numbers.
  return (cells, i) => {
    const raw = readValue(reading, cells.exact(i));
    return raw < 0 ? readValue(reading, cells.value(i)) : raw;
  };
}

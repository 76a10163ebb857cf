import type { ColumnOf, TableColumn } from './column-schema.ts';
import { isCount } from './column-traits.ts';
import { formatDate } from './date-format.ts';
import { DURATION, type Notation } from './notation.ts';

/** A raw value as text for people. */
export function displayValue(column: TableColumn, raw: number): string {
  if (Number.isNaN(raw)) return 'missing';
  switch (column.kind) {
    case 'number':
      return column.origin === undefined
        ? sixDigits(raw)
        : String(addOrigin(column, Number(raw.toPrecision(6))));
    case 'flag': {
      if (raw === 0 || raw === 1) return column.words[raw];
      if (raw < 0 || raw > 1) return sixDigits(raw);
      return `${column.words[raw < 0.5 ? 0 : 1]} (${Math.round(100 * Math.max(raw, 1 - raw))}%)`;
    }
    case 'category':
      return column.categories[raw] ?? 'unknown';
    case 'date':
      // A time of day shows even if it is the same in all training rows.
      return (
        formatDate(raw + column.origin, column.time || !Number.isInteger(raw) ? 'second' : 'day') ??
        `${sixDigits(raw)} days`
      );
  }
}

/** A reconstruction as the column has values: a date to the day, unless the time of day varies in the training rows. */
export const roundExpected = (column: TableColumn, raw: number): number =>
  column.kind === 'date' && !column.time ? Math.round(raw) : raw;

/** A reconstruction as text for people. */
export const displayExpected = (column: TableColumn, raw: number): string =>
  displayValue(column, roundExpected(column, raw));

/** What an infinite number is called, as JSON cannot write it. */
export const TOO_LARGE = 'a number that is too large';

/** What a column accepts, in words; `bounds` are those of its numbers. */
export function describeAccepted(column: TableColumn, bounds = ''): string {
  switch (column.kind) {
    case 'number':
      if (column.notation === DURATION)
        return `a duration, such as "12:30:00", or a number of seconds${bounds}`;
      return `a number${bounds}${column.notation ? `, or a text such as "${exampleOf(column.notation)}"` : ''}`;
    case 'flag': {
      if (isCount(column)) return 'true or false (or "0", "1", or another number)';
      const words = column.words.map((word) => JSON.stringify(word)).join(', ');
      return words.toLowerCase() === '"false", "true"' ? 'true or false' : `true or false (or ${words})`;
    }
    case 'category':
      return 'text';
    case 'date':
      return `a date, such as "2024-05-31", "2024-05-31T16:30:00Z" or "31.05.2024"${column.epoch ? `, or a number of ${column.epoch} since 1970` : ''}`;
  }
}

/** The number that a raw value stands for, with the digits of the raw value and no noise behind them. */
export function addOrigin({ origin }: ColumnOf<'number'>, raw: number): number {
  if (origin === undefined) return raw;
  const decimals = (/\.(\d+)/.exec(String(raw))?.[1] ?? '').length;
  const own = (/\.(\d+)/.exec(String(origin))?.[1] ?? '').length;
  return Number((raw + origin).toFixed(Math.min(Math.max(decimals, own), 20)));
}

const sixDigits = (value: number): string => String(Number(value.toPrecision(6)));

/** A number in a notation. */
const exampleOf = ({ decimal, group, unit }: Notation): string =>
  `1${group}234${decimal}5${unit && (/^\p{Sc}$|%/u.test(unit) ? unit : ` ${unit}`)}`;

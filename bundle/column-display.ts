import type { TableColumn } from './column-schema.ts';
import { formatDate } from './date.ts';

/** A raw value, or a reconstruction, as text for people. */
export function displayValue(column: TableColumn, raw: number): string {
  if (Number.isNaN(raw)) return 'missing';
  switch (column.kind) {
    case 'number':
      return sixDigits(raw);
    case 'flag': {
      if (raw === 0 || raw === 1) return column.words[raw];
      return `${column.words[raw < 0.5 ? 0 : 1]} (${Math.round(100 * Math.max(raw, 1 - raw))}%)`;
    }
    case 'category':
      return column.categories[raw] ?? 'unknown';
    case 'date':
      return formatDate(raw + column.origin, column.time ? 'second' : 'day') ?? `${sixDigits(raw)} days`;
  }
}

/** What a column accepts, in words. */
export function describeAccepted(column: TableColumn): string {
  switch (column.kind) {
    case 'number':
      return 'a number';
    case 'flag': {
      const words = column.words.map((word) => JSON.stringify(word)).join(', ');
      return words.toLowerCase() === '"false", "true"' ? 'true or false' : `true or false (or ${words})`;
    }
    case 'category':
      return `text, such as ${JSON.stringify(column.categories[0])}`;
    case 'date':
      return 'a date, such as "2024-05-31" or "2024-05-31T16:30:00Z"';
  }
}

const sixDigits = (value: number): string => String(Number(value.toPrecision(6)));

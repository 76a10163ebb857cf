import type { Column } from './columns.ts';
import type { TextColumn } from './search.ts';

/** What a list of points is sorted by: a column's key, `rank`, or the key of {@link TextColumn}. */
export interface Sorting {
  key: string;
  descending: boolean;
}

const collator = new Intl.Collator('en', { numeric: true });

/**
 * Sorts points, whose order is their rank. Equal ones keep that order, and missing values come last in either direction.
 */
export function sortPoints(
  ranked: readonly number[],
  { key, descending }: Sorting,
  columns: readonly Column[],
  texts: readonly TextColumn[],
): number[] {
  if (key === 'rank') return descending ? ranked.toReversed() : [...ranked];
  const sign = descending ? -1 : 1;
  const text = texts.find((column) => column.key === key);
  if (text)
    return ranked.toSorted((a, b) => compareTexts(text.texts[a] ?? null, text.texts[b] ?? null, sign));
  const column = columns.find((known) => known.key === key);
  if (!column) return [...ranked];
  if (column.kind === 'number') {
    const { values } = column;
    return ranked.toSorted((a, b) => compareNumbers(values[a]!, values[b]!, sign));
  }
  const { categories, codes } = column;
  return ranked.toSorted((a, b) =>
    compareTexts(categories[codes[a]!] ?? null, categories[codes[b]!] ?? null, sign),
  );
}

function compareNumbers(a: number, b: number, sign: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return sign * (a - b);
}

function compareTexts(a: string | null, b: string | null, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * collator.compare(a, b);
}

/** The part of a list that is on the screen: rows first … end, with some to spare. */
export function findVisible(
  count: number,
  { top, height, rowHeight }: { top: number; height: number; rowHeight: number },
  spare = 8,
): { first: number; end: number } {
  const first = Math.max(0, Math.min(count, Math.floor(top / rowHeight)) - spare);
  return { first, end: Math.min(count, Math.ceil((top + height) / rowHeight) + spare) };
}

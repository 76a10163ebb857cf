import type { Column } from './columns.ts';

/** What a list of points is sorted by: a column's key, `rank`, or the key of {@link TextColumn}. */
export interface Sorting {
  key: string;
  descending: boolean;
}

/** Texts of the points, such as ids. */
export interface TextColumn {
  key: string;
  texts: readonly (string | null)[];
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

/** The points one of whose texts has each word of the query, in any case. An empty query finds all. */
export function searchPoints(
  points: readonly number[],
  query: string,
  columns: readonly Column[],
  texts: readonly TextColumn[],
): number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...points];
  const categories = columns.flatMap((column) =>
    column.kind === 'category'
      ? [{ codes: column.codes, names: column.categories.map((name) => name.toLowerCase()) }]
      : [],
  );
  const has = (index: number, word: string) =>
    texts.some((column) => column.texts[index]?.toLowerCase().includes(word)) ||
    categories.some(({ codes, names }) => names[codes[index]!]?.includes(word));
  return points.filter((index) => words.every((word) => has(index, word)));
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

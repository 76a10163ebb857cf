import type { Column } from './columns.ts';

/** Texts of the points, such as ids. */
export interface TextColumn {
  key: string;
  texts: readonly (string | null)[];
}

/** Finds the points, among those given and in their order, that a query fits. An empty query finds all. */
export type Search = (points: readonly number[], query: string) => number[];

/**
 * Searches the texts and the categories of points, in any case: a point is found if each word of the query is in one of
 * them. `#12` is the row number 12 and, where there are no texts, so is `12`.
 */
export function createSearch(
  columns: readonly Column[],
  texts: readonly TextColumn[],
  rows: ArrayLike<number>,
): Search {
  // Made by the first query, as few visitors search. The texts themselves may be made no sooner.
  let lowered: (string | undefined)[][] | undefined;
  const categories = columns.filter((column) => column.kind === 'category');
  return (points, query) => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [...points];
    lowered ??= texts.map((column) => Array.from(column.texts, (text) => text?.toLowerCase()));
    const ids = lowered;
    const tests = words.map((word) => {
      const number = readRow(word, texts.length === 0);
      const hits = categories.map(({ codes, categories: names }) => {
        const fits = names.map((name) => name.toLowerCase().includes(word));
        return (index: number) => fits[codes[index]!] === true;
      });
      return (index: number) =>
        rows[index] === number ||
        ids.some((column) => column[index]?.includes(word)) ||
        hits.some((hit) => hit(index));
    });
    return points.filter((index) => tests.every((test) => test(index)));
  };
}

/** The row number that a word is, or undefined. A number without `#` counts only if it is `bare`. */
function readRow(word: string, bare: boolean): number | undefined {
  const [, mark, digits] = /^(#?)(\d{1,9})$/.exec(word) ?? [];
  return digits !== undefined && (mark === '#' || bare) ? Number(digits) : undefined;
}

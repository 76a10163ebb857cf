import { canonicalText } from '../../bundle/category-text.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { DataError } from '../data/datasets/error.ts';
import {
  findSpellings,
  isMajority,
  orderClasses,
  tellClasses,
  toWord,
} from '../data/tables/label-classes.ts';
import { foldCase } from '../data/tables/label-values.ts';

/** Which rows are anomalous, according to a column of labels. */
export interface Labelling {
  /** 1 for each row that is anomalous. */
  readonly anomalous: Uint8Array;
  /** The label of the anomalous rows, and that of the normal rows if they have only one. */
  readonly words: { readonly anomalous: string; readonly normal: string | null };
}

/** The most values that a message lists. */
const LISTED = 5;

/**
 * Parses a column of labels. `anomalous` is the label of the anomalous rows; all other rows are normal. Without it, there
 * must be two labels of a known pair (0 and 1, no and yes, normal and attack, …). With `normal`, a label that is
 * neither of the two is an error. Throws a {@link DataError} with the row of a missing or unexpected label.
 */
export function parseLabels(
  path: string,
  column: string,
  cells: readonly Cell[],
  anomalous?: string,
  normal?: string,
): Labelling {
  const missing = cells.findIndex((cell) => cell === null || cell === '');
  if (missing >= 0) {
    throw new DataError(
      `${path}: row ${missing + 1} (counted from 1, without the header), column ${column}: the label is missing`,
    );
  }
  const found = cells.map((cell) => canonicalText(String(cell).trim()));
  const counts = new Map<string, number>();
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) + 1);
  const { spellings } = foldCase(counts);
  const texts = found.map((text) => spellings.get(text) ?? text);
  const values = [...new Set(texts)];
  const shown = values
    .slice(0, LISTED)
    .map((value) => JSON.stringify(value))
    .join(', ');
  const all = values.length > LISTED ? `${shown} and ${values.length - LISTED} more` : shown;
  if (values.length < 2) {
    throw new DataError(
      `${path}: column ${column}: every label is ${all}: at least two different labels are needed`,
    );
  }
  let word: string | undefined;
  const alike = anomalous === undefined ? [] : findSpellings(values, anomalous);
  if (anomalous !== undefined) {
    [word] = alike;
    if (word === undefined) {
      throw new DataError(`${path}: column ${column}: no label is ${anomalous}; there are ${all}`);
    }
  } else {
    word = values.length === 2 ? orderClasses(values, undefined)?.[1] : undefined;
    const most = isMajority(texts.filter((text) => text === word).length, texts.length);
    if (most && !tellClasses(values)) word = undefined;
    if (word === undefined) {
      throw new DataError(
        `${path}: column ${column}: cannot tell which of ${all} is anomalous: name it with --anomalous VALUE`,
      );
    }
  }
  const isAnomalous = (text: string) => text === word || alike.includes(text);
  const others = values.filter((value) => !isAnomalous(value));
  const stray =
    normal === undefined
      ? -1
      : texts.findIndex((text) => !isAnomalous(text) && toWord(text) !== toWord(normal));
  if (stray >= 0) {
    throw new DataError(
      `${path}: row ${stray + 1} (counted from 1, without the header), column ${column}: ${JSON.stringify(texts[stray])}, expected ${word} or ${normal} as in the training data; use --anomalous ${word} to treat all others as normal`,
    );
  }
  return {
    anomalous: Uint8Array.from(texts, (text) => Number(isAnomalous(text))),
    words: { anomalous: word, normal: others.length === 1 ? others[0] : null },
  };
}

import type { Cell } from '../data/datasets/cell.ts';
import { DataError } from '../data/datasets/error.ts';
import { normaliseNumber, orderClasses } from '../data/tables/label-classes.ts';

/** Which rows a column calls anomalous. */
export interface Labelling {
  /** 1 for each row that is anomalous. */
  readonly anomalous: Uint8Array;
  /** What the column says of these; what it says of the others, if they are all one. */
  readonly words: { readonly anomalous: string; readonly normal: string | null };
}

/** So many values are named in a message. */
const NAMED = 5;

/**
 * Reads a column of labels. `anomalous` is the value of the anomalous rows, all others being normal; without it there
 * must be two values, of which it is known (0 and 1, no and yes, normal and attack, …). Throws a
 * {@link DataError} that says what is wrong, with the row of a label that is missing, or that is neither where
 * `normal` says what the normal rows have.
 */
export function labelling(
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
  const texts = cells.map((cell) => normaliseNumber(String(cell).trim()));
  const values = [...new Set(texts)];
  const shown = values
    .slice(0, NAMED)
    .map((value) => JSON.stringify(value))
    .join(', ');
  const all = values.length > NAMED ? `${shown} and ${values.length - NAMED} more` : shown;
  if (values.length < 2) {
    throw new DataError(`${path}: column ${column}: every label is ${all}: there is nothing to tell apart`);
  }
  let word: string | undefined;
  if (anomalous !== undefined) {
    word = values.find((value) => value.toLowerCase() === normaliseNumber(anomalous.trim()).toLowerCase());
    if (word === undefined) {
      throw new DataError(`${path}: column ${column}: no label is ${anomalous}: they are ${all}`);
    }
  } else {
    word = values.length === 2 ? orderClasses(values, undefined)?.[1] : undefined;
    // A guess that most rows are anomalous is more likely wrong than right.
    const rows = texts.filter((text) => text === word).length;
    if (2 * rows > texts.length) word = undefined;
    if (word === undefined) {
      throw new DataError(
        `${path}: column ${column}: it is not known which of ${all} is anomalous: --anomalous VALUE says it`,
      );
    }
  }
  const others = values.filter((value) => value !== word);
  const stray =
    normal === undefined
      ? -1
      : texts.findIndex(
          (text) => text !== word && text.toLowerCase() !== normaliseNumber(normal).toLowerCase(),
        );
  if (stray >= 0) {
    throw new DataError(
      `${path}: row ${stray + 1} (counted from 1, without the header), column ${column}: ${JSON.stringify(texts[stray])}, expected ${word} or ${normal} as in the training data; --anomalous ${word} takes all others for normal`,
    );
  }
  return {
    anomalous: Uint8Array.from(texts, (text) => Number(text === word)),
    words: { anomalous: word, normal: others.length === 1 ? others[0] : null },
  };
}

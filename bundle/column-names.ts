import { trimText } from './cell-text.ts';
import { DataError } from './error.ts';

/** The name of a column, wherever it is written: without spaces around it. What is unnamed, such as an index, gets its number. */
export const columnName = (written: string, place: number): string =>
  trimText(written) || `column ${place + 1}`;

/** Two texts that name the same column; undefined if there are none. */
export function findTwins(written: readonly string[]): { name: string; texts: [string, string] } | undefined {
  const seen = new Map<string, string>();
  for (const [place, text] of written.entries()) {
    const name = columnName(text, place);
    const first = seen.get(name);
    if (first !== undefined) return { name, texts: [first, text] };
    seen.set(name, text);
  }
  return undefined;
}

/** The names of a file's columns. Throws a {@link DataError} if two columns have the same one. */
export function nameColumns(path: string, written: readonly string[]): string[] {
  const twins = findTwins(written);
  if (twins === undefined) return written.map(columnName);
  const { name, texts } = twins;
  const [first, second] = texts.map((text) => JSON.stringify(text));
  const shown = first === second ? '' : `, without spaces around names: ${first} and ${second}`;
  throw new DataError(`${path}: two columns are called ${name}${shown}: column names must be unique`);
}

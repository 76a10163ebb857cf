import { truncate } from './table.ts';

/** A word as a POSIX shell reads it: in quotes if it needs them. */
export const quoteWord = (word: string): string =>
  /^[\w.,/:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** Longest text of the data in a message. */
const LONGEST = 60;

/** A word in a command that a message proposes; a long one is cut. */
export const showWord = (word: string): string => quoteWord(truncate(word, LONGEST));

/** A text of the data in a message, in quotes; a long one is cut. */
export const showText = (text: string): string => JSON.stringify(truncate(text, LONGEST));

/** A word as a POSIX shell reads it: in quotes if it needs them. */
export const quoteWord = (word: string): string =>
  /^[\w.,/:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

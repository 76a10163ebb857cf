/** How the numbers of a column are written, if not as plain decimals such as -1234.5 or 1e3. */
export interface Notation {
  readonly decimal: '.' | ',';
  /** What stands between groups of digits; empty if nothing does. A space is any kind of space, an apostrophe any kind of it. */
  readonly group: '' | ',' | '.' | ' ' | "'";
  /** What stands before or after each number, such as €, kg or %; empty if nothing does. */
  readonly unit: string;
}

/** Texts such as 17:59:42, 2 days 03:00:00, 1h 30m or PT1H30M, which are numbers of seconds, as plain numbers are. */
export const DURATION = 'duration';

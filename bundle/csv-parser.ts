/** Delimiters of a text table, the most usual one first. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const TAB = 9;

/** What is wrong with a text table, and the line of the text, counted from 1, on which it is. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * Finds the fields of CSV (RFC 4180) in its bytes, without making texts of them. Lines end with LF, CR LF or CR. A field
 * is in quotes if it begins with one, perhaps after spaces; elsewhere a quote is a letter. Empty lines are skipped, but
 * where there is only one column: there they are missing values.
 */
export class CsvParser {
  readonly #delimiter: number;
  /** The bytes that are parsed, from `start` on. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where each field of the record begins and ends, without its quotes. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** Whether a field has quotes within, each written twice. */
  readonly doubled: boolean[] = [];
  /** The number of fields in the record. */
  width = 0;
  /** The line on which the record begins, counted from 1. */
  line = 1;
  #next = 1;
  /** Where the next record begins. */
  at = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /**
   * Finds the next record in `bytes`, from `at` on. Returns false, and leaves `at` where it was, if it may go on behind
   * the bytes; with `last`, nothing is behind them. Throws a {@link CsvError} if a quote is out of place.
   */
  next(columns: number, last: boolean): boolean {
    const { bytes, starts, ends, doubled } = this;
    const delimiter = this.#delimiter;
    const { length } = bytes;
    for (;;) {
      if (this.at >= length) return false;
      let at = this.at;
      let width = 0;
      let lines = 0;
      for (;;) {
        let start = at;
        let end: number;
        let twice = false;
        while (at < length && (bytes[at] === SPACE || bytes[at] === TAB) && bytes[at] !== delimiter) at++;
        if (at < length && bytes[at] === QUOTE) {
          start = ++at;
          const opened = this.#next + lines;
          for (;;) {
            const byte = bytes[at];
            if (at >= length) {
              if (!last) return false;
              throw new CsvError(opened, 'a quote is opened and not closed');
            }
            if (byte === QUOTE) {
              if (bytes[at + 1] !== QUOTE) break;
              twice = true;
              at++;
            } else if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[at + 1] !== LINE_FEED))
              lines++;
            at++;
          }
          end = at++;
          // What follows may be the second half of a quote that is written twice.
          if (at >= length && !last) return false;
          while (at < length && (bytes[at] === SPACE || bytes[at] === TAB) && bytes[at] !== delimiter) at++;
          const byte = bytes[at];
          if (at < length && byte !== delimiter && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
            const line = this.#next + lines;
            const begun = opened === line ? '' : `; the quoted text begins on line ${opened}`;
            throw new CsvError(line, `expected a delimiter or the end of the line after a quote${begun}`);
          }
        } else {
          at = start;
          while (at < length) {
            const byte = bytes[at];
            if (byte === delimiter || byte === LINE_FEED || byte === CARRIAGE_RETURN) break;
            at++;
          }
          end = at;
        }
        starts[width] = start;
        ends[width] = end;
        doubled[width] = twice;
        width++;
        if (at >= length || bytes[at] !== delimiter) break;
        at++;
      }
      if (at >= length && !last) return false;
      // CR at the end of the bytes may be half of CR LF.
      if (bytes[at] === CARRIAGE_RETURN && at + 1 >= length && !last) return false;
      at += bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED ? 2 : 1;
      this.at = Math.min(at, length);
      this.line = this.#next;
      this.#next += lines + 1;
      if (width === 1 && columns !== 1 && starts[0] === ends[0] && bytes[starts[0]! - 1] !== QUOTE) continue;
      this.width = width;
      return true;
    }
  }

  /** The line on which the next record begins. */
  get nextLine(): number {
    return this.#next;
  }

  /** Continues with other bytes, which begin with what was not parsed. */
  continueWith(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
  }

  /** The text of a field of the record. */
  text(field: number): string {
    const text = decode(this.bytes, this.starts[field]!, this.ends[field]!);
    return this.doubled[field] ? text.replaceAll('""', '"') : text;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** Decodes UTF-8; short ASCII without a decoder, which takes longer to call. */
export function decode(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 24) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 127) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** The number of bytes of a byte order mark at the start. */
export const countMark = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;

/** Bytes at the start in which lines are looked for that are no names. */
const LONGEST_START = 4096;

/** Throws a {@link CsvError} if the first line does not name the columns, but a separator, as in Excel, or is a comment. */
export function assertNamesFirst(bytes: Uint8Array): void {
  const start = decode(bytes, countMark(bytes), Math.min(bytes.length, LONGEST_START));
  const separator = /^"?sep=(.)"?\r?\n/.exec(start);
  if (separator) {
    throw new CsvError(
      1,
      `${separator[0].trim()} is a line that only Excel reads: remove it, and let the next line name the columns`,
    );
  }
  const lines = start.split(/\r\n?|\n/);
  const comments = lines.findIndex((line) => !/^"?#/.test(line));
  // A single one may name the columns: NumPy writes # before them.
  if (comments > 1 || /^"?#(group|datatype|default|constant)\b/.test(start)) {
    const many = comments > 1 ? `the first ${comments} lines begin` : 'the first line begins';
    throw new CsvError(
      1,
      `${many} with #, as comments and the annotations of InfluxDB do: remove all such lines, and let the first line name the columns`,
    );
  }
}

/** Throws a {@link CsvError} for a NUL character in bytes that begin on `line`. */
export function assertNoNul(bytes: Uint8Array, line: number): void {
  const zero = bytes.indexOf(0);
  if (zero < 0) return;
  const on = bytes.subarray(0, zero).reduce((sum, byte) => sum + Number(byte === LINE_FEED), line);
  throw new CsvError(on, 'a NUL character: the data is damaged, or it is not a text file');
}

/** Rows after the first line that a delimiter has to fit. */
const FITTED = 20;

/**
 * Finds the delimiter: the one that splits the first line and the rows after it into the same number of fields, and of
 * several the one that makes most. A comma with a space after it in the first line, but not in the rows, belongs to a name, as in
 * `Temperature, °C;Pressure, bar`, if another delimiter fits. If none fits, the one that splits the first line into most fields.
 *
 * @param whole whether nothing follows the bytes
 * @param tabs whether a tab is the delimiter if the first line has one, as in .tsv
 */
export function findDelimiter(
  bytes: Uint8Array,
  { whole, tabs = false }: { whole: boolean; tabs?: boolean },
): string {
  const found = DELIMITERS.map((delimiter) => splitFirst(bytes, delimiter, whole)).filter(
    ({ width }) => width > 1,
  );
  if (tabs && found.some(({ delimiter }) => delimiter === '\t')) return '\t';
  const fitting = found.filter(({ fits }) => fits);
  const likely = fitting.filter(({ delimiter, spaced }) => delimiter !== ',' || !spaced);
  const [first, ...others] = [likely, fitting].find(({ length }) => length > 0) ?? found;
  return others.reduce((best, one) => (one!.width > best!.width ? one : best), first)?.delimiter ?? ',';
}

/** How a delimiter splits the first lines. */
interface Split {
  readonly delimiter: string;
  /** Number of fields in the first line; 0 if its quotes are out of place. */
  readonly width: number;
  /** Whether the rows have as many. */
  readonly fits: boolean;
  /** Whether a space follows it in the first line, but not everywhere in the rows. */
  readonly spaced: boolean;
}

function splitFirst(bytes: Uint8Array, delimiter: string, whole: boolean): Split {
  const parser = new CsvParser(delimiter);
  parser.continueWith(bytes);
  const hasSpace = (start: number) => bytes[bytes[start - 1] === QUOTE ? start - 2 : start] === SPACE;
  const spaces = () => parser.starts.slice(1, parser.width).map(hasSpace);
  let width = 0;
  let close = false;
  try {
    if (!parser.next(0, true)) return { delimiter, width, fits: false, spaced: false };
    width = parser.width;
    const named = spaces().includes(true);
    for (let row = 0; row < FITTED && parser.next(width, whole); row++) {
      if (parser.width !== width) return { delimiter, width, fits: false, spaced: false };
      close ||= spaces().includes(false);
    }
    return { delimiter, width, fits: true, spaced: named && close };
  } catch (error) {
    // With another delimiter, quotes are elsewhere.
    if (!(error instanceof CsvError)) throw error;
    return { delimiter, width, fits: false, spaced: false };
  }
}

/** The texts in the record that a parser has found. */
export function readTexts(parser: CsvParser): string[] {
  return Array.from({ length: parser.width }, (_, i) => parser.text(i));
}

/**
 * Parses a plain decimal such as -12.5 in bytes; NaN if it is anything else, or too long for its float64 to be exact:
 * up to 15 digits divided by a power of ten that is exact are rounded correctly (Clinger 1990).
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === 45;
  if (negative) at++;
  const first = at;
  let value = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = bytes[at]! - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (digit === -2 && point < 0) point = at;
    else return Number.NaN;
  }
  const digits = end - first - (point < 0 ? 0 : 1);
  if (digits <= 0 || digits > 15) return Number.NaN;
  if (point >= 0) value /= POWERS[end - point - 1]!;
  return negative ? -value : value;
}

const POWERS = Float64Array.from({ length: 16 }, (_, k) => Number(`1e${k}`));

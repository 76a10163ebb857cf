import { assertNoNul, CsvError, countMark } from '../csv-parser.ts';
import { DataError } from '../error.ts';

/** A text file that is read from its start as often as needed: from a disk, or from a browser's file. */
export interface TextFile {
  /** What messages call it. */
  readonly path: string;
  /** Its size in bytes; undefined if it is compressed. */
  readonly size: number | undefined;
  /** Its bytes, without a byte order mark. Throws a {@link DataError} if they cannot be read. */
  read(): AsyncIterable<Uint8Array>;
}

const LINE_FEED = 10;

/** Passes on the bytes of a text, without a byte order mark. Throws a {@link DataError} for UTF-16. */
export async function* withoutMark(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of chunks) {
    if (first) assertNotUtf16(path, chunk);
    yield first ? chunk.subarray(countMark(chunk)) : chunk;
    first = false;
  }
}

function assertNotUtf16(path: string, head: Uint8Array): void {
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  // Without a mark, every other byte of plain text is 0.
  const half = head.length > 3 && [0, 1].some((k) => head[k] === 0 && head[k + 2] === 0 && head[1 - k] !== 0);
  if (marked || half) throw new DataError(`${path}: the text is UTF-16: save it as UTF-8`);
}

/** Turns a CsvError into a {@link DataError} that names the file and the line. */
export function withPath<T>(path: string, use: () => T, advice = ''): T {
  try {
    return use();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new DataError(`${path}: line ${error.line}: ${error.message}${advice}`);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Throws a {@link DataError} that names the line if bytes, which begin on `line`, are not UTF-8, or hold a NUL. */
export function assertUtf8(path: string, bytes: Uint8Array, line: number): void {
  withPath(path, () => assertNoNul(bytes, line));
  if (isUtf8(bytes)) return;
  for (let start = 0, at = line; start < bytes.length; at++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const next = end < 0 ? bytes.length : end + 1;
    if (!isUtf8(bytes.subarray(start, next))) {
      throw new DataError(`${path}: line ${at} is not UTF-8: save the file as UTF-8`);
    }
    start = next;
  }
}

/** Puts bytes behind others. */
export function append(rest: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (rest.length === 0) return chunk;
  const whole = new Uint8Array(rest.length + chunk.length);
  whole.set(rest);
  whole.set(chunk, rest.length);
  return whole;
}

/** Estimates the rows of a text file by the length of its first lines; undefined if it is compressed. */
export async function estimateLines({ size, read }: TextFile): Promise<number | undefined> {
  if (size === undefined) return undefined;
  for await (const chunk of read()) {
    let lines = 0;
    for (const byte of chunk) lines += Number(byte === LINE_FEED);
    return lines > 1 ? Math.round((size * lines) / chunk.length) : undefined;
  }
  return undefined;
}

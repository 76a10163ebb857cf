import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { assertNoNul, CsvError, countMark } from '../../../bundle/csv-parser.ts';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from '../datasets/error.ts';
import { isGzip } from './formats.ts';
import { damagedError } from './gzip.ts';

/** Bytes that are read at a time. */
export const CHUNK = 2 ** 20;

const LINE_FEED = 10;

/** Reads a file from its start, also gzipped, without a byte order mark. Throws a {@link DataError} if it cannot be read. */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const stream = isGzip(path) ? file.pipe(createGunzip({ chunkSize: CHUNK })) : file;
  // A pipe does not pass on the errors of its source.
  file.on('error', (error) => stream.destroy(error));
  try {
    let first = true;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (first) assertNotUtf16(path, chunk);
      yield first ? chunk.subarray(countMark(chunk)) : chunk;
      first = false;
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    if (isGzip(path)) throw damagedError(path, error);
    throw new DataError(`${path} cannot be read: ${reason(error)}`);
  } finally {
    file.destroy();
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
  return rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
}

/** Estimates the rows of a text file by the length of its first lines; undefined if it is compressed. */
export async function estimateLines(path: string, size: number): Promise<number | undefined> {
  if (isGzip(path)) return undefined;
  for await (const chunk of readBytes(path)) {
    let lines = 0;
    for (const byte of chunk) lines += Number(byte === LINE_FEED);
    return lines > 1 ? Math.round((size * lines) / chunk.length) : undefined;
  }
  return undefined;
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { reason } from '../../../bundle/system-error.ts';
import { type TextFile, withoutMark } from '../../../bundle/tables/bytes.ts';
import { isGzip } from '../../../bundle/tables/formats.ts';
import { DataError } from '../datasets/error.ts';
import { damagedError } from './gzip.ts';

/** Bytes that are read at a time. */
const CHUNK = 2 ** 20;

/** A text file on disk, also gzipped. */
export async function openTextFile(path: string): Promise<TextFile> {
  const size = isGzip(path) ? undefined : (await stat(path)).size;
  return { path, size, read: () => withoutMark(path, readBytes(path)) };
}

/** Reads a file from its start. Throws a {@link DataError} if it cannot be read. */
async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const stream = isGzip(path) ? file.pipe(createGunzip({ chunkSize: CHUNK })) : file;
  // A pipe does not pass on the errors of its source.
  file.on('error', (error) => stream.destroy(error));
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (isGzip(path)) throw damagedError(path, error);
    throw new DataError(`${path} cannot be read: ${reason(error)}`);
  } finally {
    file.destroy();
  }
}

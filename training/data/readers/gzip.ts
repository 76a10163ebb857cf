import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync } from 'node:zlib';
import { DataError } from '../datasets/error.ts';

const damagedError = (path: string, error: unknown) =>
  new DataError(`${path} is not a complete gzip file: ${(error as Error).message}`);

/** Throws a {@link DataError} if a gzip file is damaged or truncated: DuckDB would read the part that is there. */
export async function assertWholeGzip(path: string): Promise<void> {
  const nowhere = new Writable({ write: (_part, _encoding, done) => done() });
  await pipeline(createReadStream(path), createGunzip(), nowhere).catch((error) => {
    throw damagedError(path, error);
  });
}

/** Unzips the bytes of a file. Throws a {@link DataError} if they are damaged or truncated. */
export function unzip(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw damagedError(path, error);
  }
}

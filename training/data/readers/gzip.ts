import { gunzipSync } from 'node:zlib';
import { DataError } from '../datasets/error.ts';

/** The error for a gzip file that is damaged or truncated. */
export const damagedError = (path: string, error: unknown): DataError =>
  new DataError(`${path} is not a complete gzip file: ${(error as Error).message}`);

/** Unzips the bytes of a file. Throws a {@link DataError} if they are damaged or truncated. */
export function unzip(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw damagedError(path, error);
  }
}

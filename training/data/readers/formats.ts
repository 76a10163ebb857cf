import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { DataError } from '../datasets/error.ts';

/** The name of the data set that comes with the program. */
export const MNIST = 'mnist';

/** Standard input, as a name for a file. */
export const STDIN = '-';

/** What is accepted as data, in words. */
export const ACCEPTED =
  'mnist, a table (.csv, .tsv, .parquet, .json, .ndjson), a .npy or IDX file, or a folder of images';

const IDX = /idx\d-ubyte(\.gz)?$|\.idx(\.gz)?$/i;

export const isIdx = (path: string): boolean => IDX.test(path);
export const isNpy = (path: string): boolean => /\.npy$/i.test(path);

/**
 * Names the bundle of these data, unless another name is given. Where letters of other scripts are replaced, a hash of the
 * name tells data apart that would otherwise share a bundle.
 */
export function dataName(data: string): string {
  if (data === MNIST) return MNIST;
  const base = basename(data).replace(/\.gz$/i, '');
  const name = basename(base, extname(base)).normalize();
  const plain = name.replace(/[^\w.-]/g, '_');
  if (!/[^\x20-\x7e]/.test(name)) return plain || 'data';
  return `${plain}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** Throws the error for a path where nothing is, unless it stands for standard input or for MNIST. */
export async function assertExists(path: string): Promise<void> {
  if (path === STDIN || path === MNIST) return;
  await stat(path).catch(() => {
    throw unsupportedError(path, false);
  });
}

/** The error for a path that is none of {@link ACCEPTED}. */
export const unsupportedError = (path: string, exists: boolean): DataError =>
  new DataError(
    `${path === '' ? 'an empty path' : path} ${exists ? 'is not supported:' : 'cannot be read: there is no such file or folder;'} expected ${ACCEPTED}`,
  );

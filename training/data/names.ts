import { basename, extname } from 'node:path';

/** The name of the data set that comes with the program. */
export const MNIST = 'mnist';

/** What is accepted as data, in words. */
export const ACCEPTED =
  'mnist, a table (.csv, .tsv, .parquet, .json, .ndjson), a .npy or IDX file, or a folder of images';

/** Standard input and output, as names for files. */
export const STDIN = '-';
export const STDOUT = '-';

/** The formats that are written, in words. */
export const WRITTEN = 'a .csv, .ndjson, .jsonl or .parquet file, or - for CSV on standard output';

/** The name that a bundle of these data has unless another is given. */
export function dataName(data: string): string {
  if (data === MNIST) return MNIST;
  const base = basename(data).replace(/\.gz$/i, '');
  return basename(base, extname(base)).replace(/[^\w.-]/g, '_') || 'data';
}

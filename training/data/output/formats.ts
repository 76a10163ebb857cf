import { extname } from 'node:path';

/** Standard output, as a name for a file. */
export const STDOUT = '-';

/** The formats that are written, in words. */
export const WRITTEN = 'a .csv, .ndjson, .jsonl or .parquet file, or - for CSV on standard output';

/** The formats by the end of a file's name. */
const FORMATS = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson', '.parquet': 'parquet' } as const;

export type OutputFormat = (typeof FORMATS)[keyof typeof FORMATS];

/** Whether an output is a folder: what does not look like a file. */
export const isFolder = (path: string): boolean => path !== STDOUT && extname(path) === '';

/** Finds the format to write by the end of a file's name; undefined if it is not supported. */
export function findOutputFormat(path: string): OutputFormat | undefined {
  const found = Object.entries(FORMATS).find(([end]) => path.toLowerCase().endsWith(end));
  return found?.[1];
}

/** Table formats, by the end of the file's name. */
const TABLE = /\.(csv|tsv|json|ndjson|jsonl)(\.gz)?$|\.(parquet)$/i;

/** Finds the format of a table, such as `csv` for `a.CSV.gz`; undefined if it is not a table. */
export function findTableFormat(path: string): string | undefined {
  const [, text, , parquet] = TABLE.exec(path) ?? [];
  return (text ?? parquet)?.toLowerCase();
}

export const isTable = (path: string): boolean => TABLE.test(path);
export const isGzip = (path: string): boolean => /\.gz$/i.test(path);

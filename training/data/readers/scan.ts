import { findTableFormat, isGzip } from './formats.ts';
import { assertWholeGzip } from './gzip.ts';
import { readHeader } from './header.ts';
import { quoteText } from './sql.ts';

/** How DuckDB reads a file. */
export interface Scan {
  /** The SQL after FROM. */
  readonly source: string;
  /** The columns' names, if the file is a text table: DuckDB is told them and guesses nothing. */
  readonly names?: readonly string[];
}

/** Plans how to read a table by its format; reads the header of a text table. */
export async function planScan(path: string): Promise<Scan> {
  if (isGzip(path)) await assertWholeGzip(path);
  // DuckDB takes these characters for a pattern.
  const file = quoteText(path.replaceAll(/[*?[]/g, '[$&]'));
  switch (findTableFormat(path)) {
    case 'parquet':
      return { source: `read_parquet(${file})` };
    case 'json':
      return {
        source: `read_json(${file}, format = 'auto', sample_size = -1, maximum_object_size = 67108864)`,
      };
    case 'ndjson':
    case 'jsonl':
      return { source: `read_json(${file}, format = 'newline_delimited', sample_size = -1)` };
    default:
      return scanText(path, file);
  }
}

async function scanText(path: string, file: string): Promise<Scan> {
  const { delimiter, names } = await readHeader(path);
  const columns = names.map((_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const options = [
    'auto_detect = false',
    `delim = ${quoteText(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    'header = true',
    'strict_mode = true',
    `nullstr = ''`,
    `columns = {${columns}}`,
  ];
  return { source: `read_csv(${file}, ${options.join(', ')})`, names };
}

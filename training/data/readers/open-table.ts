import { access, constants, stat } from 'node:fs/promises';
import { reason } from '../../../bundle/system-error.ts';
import { CsvTable } from '../../../bundle/tables/csv-table.ts';
import { findTableFormat } from '../../../bundle/tables/formats.ts';
import { JsonTable } from '../../../bundle/tables/json-table.ts';
import type { Table } from '../../../bundle/tables/table.ts';
import { DataError } from '../datasets/error.ts';
import { openTextFile } from './bytes.ts';
import { ParquetTable } from './parquet-table.ts';

/**
 * Opens a .csv, .tsv, .json, .ndjson or .jsonl file, also with .gz, or a .parquet file. `header` says whether the first
 * line of CSV names the columns, and `expected` which ones it would name. Throws a {@link DataError} if it cannot be read or has no columns.
 */
export async function openTable(
  path: string,
  { header, expected }: { header?: boolean | undefined; expected?: readonly string[] } = {},
): Promise<Table> {
  await access(path, constants.R_OK).catch((error) => {
    throw new DataError(`${path} cannot be read: ${reason(error)}`);
  });
  if ((await stat(path)).isDirectory()) {
    throw new DataError(`${path} is a folder: expected a file, such as one of those in it`);
  }
  switch (findTableFormat(path)) {
    case 'parquet':
      return ParquetTable.open(path);
    case 'json':
    case 'ndjson':
    case 'jsonl':
      return JsonTable.open(await openTextFile(path));
    default:
      return CsvTable.open(await openTextFile(path), header, expected);
  }
}

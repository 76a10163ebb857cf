import { CsvTable } from '../../bundle/tables/csv-table.ts';
import { findTableFormat } from '../../bundle/tables/formats.ts';
import { JsonTable } from '../../bundle/tables/json-table.ts';
import type { Table } from '../../bundle/tables/table.ts';
import { ParquetTable } from './parquet-table.ts';
import { type NamedFile, openTextFile } from './text-file.ts';

/**
 * Opens a .csv, .tsv, .json, .ndjson or .jsonl file, also with .gz, or a .parquet file, as the command line does.
 * `header` says whether the first line of CSV names the columns, and `expected` which ones it would name.
 */
export async function openTable(
  file: NamedFile,
  { header, expected }: { header: boolean; expected: readonly string[] },
): Promise<Table> {
  switch (findTableFormat(file.path)) {
    case 'parquet':
      return ParquetTable.open(file);
    case 'json':
    case 'ndjson':
    case 'jsonl':
      return JsonTable.open(openTextFile(file));
    default:
      return CsvTable.open(openTextFile(file), header, expected);
  }
}

import { open, stat } from 'node:fs/promises';
import { tableColumns } from '../../../bundle/kind.ts';
import { makeClosable } from '../datasets/closable.ts';
import { DataError } from '../datasets/error.ts';
import { Table } from '../readers/duckdb.ts';
import { findTableFormat, isTable } from '../readers/formats.ts';
import { type CarriedColumn, describeCarried, readModelRows } from '../tables/model-rows.ts';
import type { ModelInput, RowFile } from './row-file.ts';

/** Opens a table for a model of named columns, and carries through `carry`. */
export async function openTableRows(
  path: string,
  model: ModelInput,
  carry: readonly string[] = [],
): Promise<RowFile> {
  const columns = tableColumns(model);
  if (!isTable(path)) {
    const found = await stat(path).catch(() => undefined);
    const names = columns.map(({ name }) => name).join(', ');
    throw new DataError(
      `${path} ${found ? 'is not a table' : 'does not exist'}: the model expects .csv, .tsv, .json, .ndjson or .parquet with the columns ${names}`,
    );
  }
  await using resources = new AsyncDisposableStack();
  const table = resources.use(await Table.open(path));
  const carried: CarriedColumn[] = [];
  for (const name of carry) carried.push(await describeCarried(table, name));
  return {
    path,
    expected: await estimateRows(table),
    carried,
    async read(onBatch, batch) {
      const count = await readModelRows(table, columns, onBatch, { batch, carried });
      if (count === 0) throw new DataError(`${path}: there are no rows`);
      return count;
    },
    ...makeClosable(resources.move()),
  };
}

/** Bytes at the start of a text file from which the length of a line is estimated. */
const HEAD = 2 ** 18;

/** Counts or estimates a table's rows; undefined if the format does not tell. */
async function estimateRows(table: Table): Promise<number | undefined> {
  const { path } = table;
  if (findTableFormat(path) === 'parquet') {
    const [[count]] = await table.query(`SELECT count(*) FROM ${table.source}`);
    return Number(count);
  }
  if (!/\.(csv|tsv|ndjson|jsonl)$/i.test(path)) return undefined;
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD));
  const lines = buffer.subarray(0, bytesRead).reduce((sum, byte) => sum + Number(byte === 10), 0);
  return lines > 1 ? Math.round((size * lines) / bytesRead) : undefined;
}

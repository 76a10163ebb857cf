import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import type { Table } from '../../../../bundle/tables/table.ts';
import { ParquetTable as BrowserTable } from '../../../../dashboard/files/parquet-table.ts';
import { ParquetTable } from '../../../../training/data/readers/parquet-table.ts';
import { test } from '../temporary.ts';

/** A column of each type that Parquet files have, with a gap. */
const TYPES = [
  'i::TINYINT AS tiny, i::SMALLINT AS small, i::INTEGER AS whole, (i * 9007199254740993)::BIGINT AS large',
  '(i * 3000000000)::UBIGINT AS unsigned, (i / 7)::DOUBLE AS real, (i / 7)::FLOAT AS short',
  "(i / 8)::DECIMAL(9, 3) AS amount, i % 2 = 0 AS flag, 'n' || i AS name, uuid_of AS id",
  "DATE '2024-01-01' + i::INTEGER AS day, TIMESTAMP '2024-05-31 16:30:00' + i * INTERVAL 90 SECOND AS at",
  "[i] AS list, {'a': i} AS record, 'x'::BLOB AS bytes",
];

async function readAll(table: Table) {
  const rows: unknown[][] = [];
  for await (const { count, cells } of table.read(table.columns)) {
    for (let i = 0; i < count; i++)
      rows.push(cells.map((cell) => [cell.number(i), cell.value(i), cell.exact(i)]));
  }
  return rows;
}

test('a Parquet file is the same table in the browser and on the command line', async ({ folder }) => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const compression of ['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli']) {
    const path = join(folder, `${compression}.parquet`);
    const columns = TYPES.join(', ').replace('uuid_of', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID");
    await connection.run(
      `COPY (SELECT ${columns} FROM range(40) AS t(i) UNION ALL SELECT ${'NULL, '.repeat(15)}NULL) ` +
        `TO '${path}' (FORMAT parquet, COMPRESSION ${compression})`,
    );
    await using expected = await ParquetTable.open(path);
    await using found = await BrowserTable.open({ path, blob: new Blob([await readFile(path)]) });
    expect(found.columns.map(({ name, type, whole }) => ({ name, type, whole }))).toEqual(
      expected.columns.map(({ name, type, whole }) => ({ name, type, whole })),
    );
    expect(found.unreadable.map(({ name }) => name)).toEqual(expected.unreadable.map(({ name }) => name));
    expect(await found.estimateRows()).toBe(await expected.estimateRows());
    expect(await readAll(found)).toEqual(await readAll(expected));
  }
  connection.closeSync();
});

test('a file that is no Parquet file is refused in a sentence', async () => {
  const blob = new Blob(['a,b\n1,2\n'.repeat(20)]);
  await expect(BrowserTable.open({ path: 'x.parquet', blob })).rejects.toThrow(
    'x.parquet cannot be read as a table: it is damaged, or not a Parquet file (',
  );
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/paths.ts';
import type { TableReport } from '../training/data/tables/table-reader.ts';

const MEGABYTE = 2 ** 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-tables-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A Parquet file of so many rows of 29 numbers and a category; the first number of row i is i mod 1000. */
async function generate(rows: number): Promise<string> {
  const path = join(folder, `${rows}.parquet`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '512MB' });
  const connection = await instance.connect();
  const numbers = Array.from({ length: 28 }, (_, j) => `sin(i * ${j + 1} * 0.001)::FLOAT AS x${j}`);
  const columns = ['(i % 1000)::FLOAT AS n', ...numbers, `['a', 'b', 'c'][1 + i % 3] AS c`].join(', ');
  await connection.run(`COPY (SELECT ${columns} FROM range(${rows}) t(i)) TO '${path}'`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

async function read(path: string): Promise<TableReport> {
  const reader = join(ROOT, 'test/training/data/tables/table-reader.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [reader, path], { timeout: 300_000 });
  return JSON.parse(stdout);
}

test('a table that is four times as long takes no more memory', async () => {
  const [short, long] = [await read(await generate(1_000_000)), await read(await generate(4_000_000))];
  console.log(
    `${[short, long].map(({ peak }) => (peak / MEGABYTE).toFixed(0)).join(' and ')} MiB resident at most`,
  );
  expect(long.count).toBe(4_000_000 - 2000 - 4000 - 10_000);
  // The mean over 0 … 999; the rows that are held out hardly move it.
  expect(long.sum / long.count).toBeCloseTo(499.5, 0);
  // 480 MB more of raw values.
  expect(long.peak - short.peak).toBeLessThan(200 * MEGABYTE);
  expect(long.peak).toBeLessThan(800 * MEGABYTE);
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect } from 'vitest';
import type { Table } from '../../../../bundle/tables/table.ts';
import { openTable as openInBrowser } from '../../../../dashboard/files/open-table.ts';
import { openTable } from '../../../../training/data/readers/open-table.ts';
import { written } from '../tables/tables.ts';
import { test } from '../temporary.ts';

const ROWS = 3;

/** The value in row i of the column at place j. */
const valueAt = (i: number, j: number): number => 10 * j + i;

/** How each kind of file writes columns with these names. */
const WRITERS: Record<string, (folder: string, names: readonly string[]) => Promise<string>> = {
  csv: (folder, names) => {
    const rows = Array.from({ length: ROWS }, (_, i) => names.map((_, j) => valueAt(i, j)).join());
    return written(folder, 'a.csv', [names.map((name) => `"${name}"`).join(), ...rows, ''].join('\n'));
  },
  ndjson: (folder, names) => {
    const record = (i: number) => `{${names.map((name, j) => `"${name}":${valueAt(i, j)}`).join()}}`;
    return written(folder, 'a.ndjson', Array.from({ length: ROWS }, (_, i) => `${record(i)}\n`).join(''));
  },
  parquet: async (folder, names) => {
    const path = join(folder, 'a.parquet');
    const columnData = names.map((name, j) => {
      const data = Array.from({ length: ROWS }, (_, i) => valueAt(i, j));
      return { name, data, type: 'DOUBLE' as const };
    });
    parquetWriteFile({ filename: path, columnData });
    return path;
  },
};

/** The names of a table's columns, and the values below each. */
async function readColumns(table: Table): Promise<Record<string, number[]>> {
  const found = table.columns.map(({ name }): [string, number[]] => [name, []]);
  for await (const { count, cells } of table.read(table.columns)) {
    for (let i = 0; i < count; i++) for (const [j, cell] of cells.entries()) found[j][1].push(cell.number(i));
  }
  return Object.fromEntries(found);
}

const CASES: [string, string[], string[]][] = [
  [
    'spaces around names',
    [' Flow Duration', 'Total Packets ', '\tb'],
    ['Flow Duration', 'Total Packets', 'b'],
  ],
  ['an index without a name', ['', 'a'], ['column 1', 'a']],
  ['a column without a name behind others', ['a', '  ', 'b'], ['a', 'column 2', 'b']],
  ['names that differ in case alone', ['Temp', 'temp', 'temp_1', 'TEMP'], ['Temp', 'temp', 'temp_1', 'TEMP']],
  ['names that DuckDB would give', ['c1', 'c0', 'C0', 'a.b', 't'], ['c1', 'c0', 'C0', 'a.b', 't']],
];

describe.each(Object.keys(WRITERS))('%s', (format) => {
  test.for(CASES)('reads %s', async ([, texts, names], { folder }) => {
    const path = await WRITERS[format](
      folder,
      texts.map((text) => text.replace('\t', format === 'ndjson' ? '\\t' : '\t')),
    );
    const expected = Object.fromEntries(
      names.map((name, j) => [name, Array.from({ length: ROWS }, (_, i) => valueAt(i, j))]),
    );
    await using table = await openTable(path);
    expect(await readColumns(table)).toEqual(expected);
    expect(table.columns.map(({ name }) => name)).toEqual(names);
    const blob = new Blob([await readFile(path)]);
    const browsed = await openInBrowser({ path, blob }, { header: true, expected: [] });
    expect(await readColumns(browsed)).toEqual(expected);
  });

  test.for([
    ['x', ' x', 'two columns are called x, without spaces around names: "x" and " x"'],
    ['', 'column 1', undefined],
    ['column 2', '', 'two columns are called column 2, without spaces around names: "column 2" and ""'],
  ] as const)('refuses what has one name twice: "%s", "%s"', async ([a, b, sentence], { folder }) => {
    const path = await WRITERS[format](folder, [a, b]);
    const blob = new Blob([await readFile(path)]);
    const expected = sentence ?? 'two columns are called column 1';
    await expect(openTable(path)).rejects.toThrow(expected);
    const browsed = openInBrowser({ path, blob }, { header: true, expected: [] });
    await expect(browsed).rejects.toThrow(expected);
  });
});

test('columns of lists and records do not shift the names of those behind them', async ({ folder }) => {
  const path = await written(
    folder,
    'a.ndjson',
    '{" list":[1],"record":{"a":1,"b":{"c":2}}," x":5}\n{" list":[2],"record":{"a":1,"b":{"c":2}}," x":6}\n',
  );
  await using table = await openTable(path);
  expect(table.unreadable.map(({ name }) => name)).toEqual(['list', 'record']);
  expect(await readColumns(table)).toEqual({ x: [5, 6] });
  const lists: unknown[] = [];
  for await (const batch of table.readNested('list')) lists.push(...batch);
  expect(lists).toEqual([[1], [2]]);
});

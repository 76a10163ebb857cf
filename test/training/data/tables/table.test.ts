import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect } from 'vitest';
import { displayValue } from '../../../../bundle/column-display.ts';
import { parseRecord } from '../../../../bundle/column-parsing.ts';
import type { TableColumn } from '../../../../bundle/column-schema.ts';
import { openSource } from '../../../../training/data/source.ts';
import { test } from '../temporary.ts';
import { lines, readTable, trainRows, withTable, written } from './tables.ts';

const CITIES = ['Oslo', 'Rome', 'Kyïv'];
const record = (i: number) => ({
  n: i % 7 === 3 ? null : i / 4,
  city: i % 11 === 5 ? null : CITIES[(i * i) % 3],
  member: i % 3 === 0,
  at: new Date(Date.UTC(2024, 0, 1 + i, i % 24)).toISOString().replace('.000Z', 'Z'),
});
const RECORDS = Array.from({ length: 60 }, (_, i) => record(i));
const csvRow = ({ n, city, member, at }: ReturnType<typeof record>) =>
  [n ?? '', city ?? 'NA', member, at].join();
const CSV = `${['n,city,member,at', ...RECORDS.map(csvRow)].join('\n')}\n`;

/** What the columns and rows of a file are, apart from small differences in how files write a value. */
const found = (path: string) =>
  withTable(path, {}, async (table) => ({
    columns: table.columns,
    rows: await trainRows(table),
    last: Array.from(await table.rows(Uint32Array.of(59))),
  }));

describe('the same rows are the same table', () => {
  test('in CSV, TSV, with semicolons, BOM and CRLF, gzipped, JSON, NDJSON and Parquet', async ({
    folder,
  }) => {
    const parquet = join(folder, 'rows.parquet');
    await parquetWriteFile({
      filename: parquet,
      columnData: [
        { name: 'n', data: RECORDS.map(({ n }) => n), type: 'DOUBLE', nullable: true },
        { name: 'city', data: RECORDS.map(({ city }) => city), type: 'STRING', nullable: true },
        { name: 'member', data: RECORDS.map(({ member }) => member), type: 'BOOLEAN' },
        { name: 'at', data: RECORDS.map(({ at }) => new Date(at)), type: 'TIMESTAMP' },
      ],
    });
    const paths = [
      await written(folder, 'rows.csv', CSV),
      await written(folder, 'rows.tsv', CSV.replaceAll(',', '\t')),
      await written(folder, 'semicolons.csv', `\u{feff}${CSV.replaceAll(',', ';').replaceAll('\n', '\r\n')}`),
      await written(folder, 'zipped.csv.gz', gzipSync(CSV)),
      await written(folder, 'rows.json', JSON.stringify(RECORDS)),
      await written(folder, 'rows.ndjson', RECORDS.map((row) => JSON.stringify(row)).join('\n')),
      parquet,
    ];
    const [first, ...others] = await Promise.all(paths.map(found));
    expect(first.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['n', 'number'],
      ['city', 'category'],
      ['member', 'flag'],
      ['at', 'date'],
    ]);
    for (const other of others) expect(other).toEqual(first);
    // As a caller of the API would send them, one by one.
    const target = new Float32Array(4);
    for (const [i, row] of [...first.rows, first.last].entries()) {
      expect(parseRecord(first.columns, RECORDS[i], target)).toEqual([]);
      expect(Array.from(target)).toEqual(row);
      expect(displayValue(first.columns[3], row[3]).slice(0, 16)).toBe(RECORDS[i].at.slice(0, 16));
    }
  });

  test('commas in names and numbers, with the delimiters that they leave', async ({ folder }) => {
    for (const [name, delimiter] of [
      ['semicolons.csv', ';'],
      ['tabs.tsv', '\t'],
    ] as const) {
      const header = ['Temperatur, °C', 'Druck, bar'].join(delimiter);
      const row = (i: number) => [`${20 + i},25`, `3,${i % 10}5`].join(delimiter);
      const path = await written(folder, name, lines(header, 60, row));
      await withTable(path, {}, async (table) => {
        expect(table.columns.map(({ name: own, kind }) => [own, kind])).toEqual([
          ['Temperatur, °C', 'number'],
          ['Druck, bar', 'number'],
        ]);
        expect((await trainRows(table))[1]![0]).toBeCloseTo(21.25, 4);
      });
    }
  });

  test('quotes, new lines and delimiters within texts', async ({ folder }) => {
    const text = (i: number) => ['a "quoted", word', 'two\nlines', ' blanks ', "it's"][i % 4];
    const path = await written(
      folder,
      'quotes.csv',
      lines('"the ""n""",text', 40, (i) => `${i},"${text(i).replaceAll('"', '""')}"`),
    );
    await withTable(path, {}, async (table) => {
      expect(table.columns.map(({ name }) => name)).toEqual(['the "n"', 'text']);
      const [, column] = table.columns;
      for (const [i, row] of (await trainRows(table)).entries())
        expect(displayValue(column, row[1])).toBe(text(i));
    });
  });

  test('a name with letters that stand for patterns', async ({ folder }) => {
    const path = await written(folder, "it's [1] *?.csv", CSV);
    expect((await found(path)).rows.length).toBe(59);
  });

  test('the order of the rows is that of the file, however many there are', async ({ folder }) => {
    // More than the 122,880 rows that DuckDB keeps together.
    const count = 130_000;
    const path = await written(
      folder,
      'many.csv',
      lines('i,word,flag', count, (i) => `${i},w${i % 5},${i % 2 ? 'yes' : 'no'}`),
    );
    let wrong = 0;
    await withTable(path, { types: { i: 'number' } }, async (table) => {
      const rows = await trainRows(table);
      for (const [i, [n, word, flag]] of rows.entries()) {
        if (n !== i || displayValue(table.columns[1], word) !== `w${i % 5}` || flag !== i % 2) wrong++;
      }
      let next = 0;
      const total = await readTable(path, table.columns, (batch, size, start) => {
        if (start !== next) wrong++;
        for (let r = 0; r < size; r++) if (batch[3 * r] !== start + r) wrong++;
        next += size;
      });
      expect(total).toBe(count);
    });
    expect(wrong).toBe(0);
  });
});

test('a table of 1200 columns is read as one of three', async ({ folder }) => {
  const header = Array.from({ length: 1200 }, (_, j) => `f${j}`).join();
  const value = (i: number, j: number) => (j % 40 === 7 ? 'abc'[(i + j) % 3] : (i * (j + 1)) % 10_007);
  const path = await written(
    folder,
    'wide.csv',
    lines(header, 60, (i) => Array.from({ length: 1200 }, (_, j) => value(i, j)).join()),
  );
  await withTable(path, {}, async (table) => {
    expect(table.columns.length).toBe(1200);
    for (const [i, row] of (await trainRows(table)).entries()) {
      for (const j of [0, 7, 127, 128, 647, 1198]) {
        expect(displayValue(table.columns[j], row[j])).toBe(String(value(i, j)));
      }
    }
  });
});

describe('larger than memory', () => {
  test('is the same as in memory, from a temporary file that is gone afterwards', async ({ folder }) => {
    const path = await written(folder, 'rows.csv', CSV);
    const files = () => readdirSync(tmpdir()).filter((name) => name.startsWith('offmanifold-table-'));
    const before = files();
    const both = [];
    for (const memoryLimit of [2 ** 30, 100]) {
      both.push(
        await withTable(
          path,
          {},
          async (table) => {
            expect(table.inMemory).toBe(memoryLimit > 100);
            if (memoryLimit === 100) expect(files().length).toBe(before.length + 1);
            return {
              columns: table.columns,
              rows: await trainRows(table),
              held: await table.rows(Uint32Array.of(3, 59)),
            };
          },
          { memoryLimit },
        ),
      );
    }
    expect(both[1]).toEqual(both[0]);
    expect(files()).toEqual(before);
  });
});

test('a source has names, raw rows, and numbers and labels of the test rows', async ({ folder }) => {
  const path = await written(
    folder,
    'source.csv',
    lines('x,c,label', 400, (i) => `${i},${'ab'[i % 2]},${i % 10 ? 'normal' : 'anomaly'}`),
  );
  const source = await openSource(path, { seed: 3 });
  expect([source.features, source.encoded, source.names, source.label]).toEqual([2, 3, ['x', 'c'], 'label']);
  expect([source.shape, source.range, source.classes]).toEqual([[2], null, ['normal', 'anomaly']]);
  const { data, count } = source.test;
  for (let i = 0; i < count; i++) expect(source.anomalous?.[i]).toBe(Number(data[2 * i] % 10 === 0));
  expect(source.labels).toEqual(source.anomalous);
  expect(Array.from(source.ids)).toEqual(Array.from({ length: count }, (_, i) => data[2 * i]));
  await source.close();
});

test('the fingerprint tells a file that was changed', async ({ folder }) => {
  const marks = [];
  for (const value of ['1', '2', '2']) {
    const path = await written(
      folder,
      'same.csv',
      lines('x,y', 100, (i) => `${i},${i === 50 ? value : i * i}`),
    );
    const source = await openSource(path, {});
    marks.push(source.fingerprint);
    await source.close();
  }
  expect(marks[0]).not.toBe(marks[1]);
  expect(marks[2]).toBe(marks[1]);
});

describe('scoring reads a table through the columns of a model', () => {
  const columnsOf = (path: string) => withTable(path, {}, ({ columns }) => columns);

  test('by name in any order, unknown categories and missing values told apart', async ({ folder }) => {
    const columns = await columnsOf(await written(folder, 'train.csv', CSV));
    const path = await written(
      folder,
      'new.csv',
      'extra,member,at,city,n\n1,true,2024-02-01,Atlantis,1.5\n2,?,,,\n3,FALSE,2024-02-01T12:00:00,Rome,NaN\n',
    );
    const rows: number[][] = [];
    const count = await readTable(
      path,
      columns,
      (batch, size, start) => {
        expect(start).toBe(rows.length);
        for (let i = 0; i < size; i++) rows.push(Array.from(batch.subarray(4 * i, 4 * i + 4)));
      },
      { batch: 2 },
    );
    expect(count).toBe(3);
    const rome = (columns[1] as TableColumn & { kind: 'category' }).categories.indexOf('Rome');
    const day = Date.UTC(2024, 1, 1) / 86_400_000 - (columns[3] as TableColumn & { kind: 'date' }).origin;
    expect(rows).toEqual([
      [1.5, -1, 1, day],
      [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
      [Number.NaN, rome, 0, day + 0.5],
    ]);
  });

  test('what is no value, or no column, is said with its place', async ({ folder }) => {
    const columns = await columnsOf(await written(folder, 'train.csv', CSV));
    const read = async (text: string) => readTable(await written(folder, 'new.csv', text), columns, () => {});
    await expect(
      read('n,city,member,at\n1,Rome,true,2024-01-01\nten,Rome,true,2024-01-01\n'),
    ).rejects.toThrow(
      'new.csv: row 2 (counted from 1, without the header), column n: "ten", expected a number, or nothing if it is missing',
    );
    await expect(read('n,city,member,at\n1,Rome,maybe,2024-01-01\n')).rejects.toThrow(
      'row 1 (counted from 1, without the header), column member: "maybe", expected true or false',
    );
    await expect(read('n,city,member,at\n1,Rome,true,yesterday\n')).rejects.toThrow(
      'column at: "yesterday", expected a date, such as "2024-05-31"',
    );
    await expect(read('n,city,at\n1,Rome,2024-01-01\n')).rejects.toThrow(
      'new.csv: there is no column member, which the model needs; the file has n, city, at',
    );
  });
});

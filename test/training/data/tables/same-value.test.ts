import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { readingOf, UNFIT } from '../../../../bundle/column-reading.ts';
import type { TableColumn } from '../../../../bundle/column-schema.ts';
import type { Manifest } from '../../../../bundle/manifest.ts';
import { makeCellReader } from '../../../../bundle/tables/cell-reader.ts';
import type { Table } from '../../../../bundle/tables/table.ts';
import { openTable as openInBrowser } from '../../../../dashboard/files/open-table.ts';
import { csv } from '../../../../functions/samples/csv.ts';
import type { SampleFormat, Samples } from '../../../../functions/samples/format.ts';
import { json } from '../../../../functions/samples/json.ts';
import { openTable } from '../../../../training/data/readers/open-table.ts';
import { unscaled } from '../../../bundle/table-columns.ts';
import { test } from '../temporary.ts';
import { written } from './tables.ts';

const common = { name: 'c', missing_share: 0.1 };
const category = (categories: string[], na?: string[]): TableColumn => ({
  ...common,
  kind: 'category',
  categories,
  frequencies: categories.map(() => 0.1),
  encoding: 'one_hot',
  ...(na && { na }),
});
const number = (more: Parameters<typeof unscaled>[2]) => unscaled('c', 0.1, more);
const flag = (words: [string, string], na: string[]): TableColumn => ({
  ...common,
  kind: 'flag',
  words,
  share: 0.5,
  missing: 0,
  na,
});
const date = (more: Partial<TableColumn & { kind: 'date' }>): TableColumn => ({
  ...common,
  kind: 'date',
  origin: 0,
  center: 0,
  scale: 1,
  time: false,
  weekday: true,
  clock: false,
  missing: 0,
  ...more,
});

interface Case {
  readonly column: TableColumn;
  /** A value as CSV, as JSON and as SQL write it, and its raw value; with no SQL, Parquet has no such value. */
  readonly values: readonly (readonly [csv: string, json: string, sql: string | undefined, raw: number])[];
}

const GAP = Number.NaN;

const CASES: Record<string, Case> = {
  'categories of long whole numbers': {
    column: category(['1790000000000000001', '1790000000000000002', '18446744073709551615']),
    values: [
      ['1790000000000000001', '1790000000000000001', '1790000000000000001::BIGINT', 0],
      ['1790000000000000002', '1790000000000000002', '1790000000000000002::BIGINT', 1],
      ['18446744073709551615', '18446744073709551615', '18446744073709551615::UBIGINT', 2],
      ['1790000000000000003', '1790000000000000003', '1790000000000000003::BIGINT', -1],
    ],
  },
  'categories of decimals with zeros at their ends': {
    column: category(['1.00', '1.50', '12.000']),
    values: [
      ['1.00', '1.00', '1::DECIMAL(3, 2)', 0],
      ['1.50', '1.5', '1.5::DECIMAL(3, 2)', 1],
      ['12.000', '12', '12::DECIMAL(30, 3)', 2],
      ['2.50', '2.5', '2.5::DECIMAL(3, 2)', -1],
    ],
  },
  'categories of the shortest decimals': {
    column: category(['1', '1.5', '-0.25']),
    values: [
      ['1.0', '1', '1::DECIMAL(3, 2)', 0],
      ['1.5', '1.50', '1.5::DECIMAL(3, 2)', 1],
      ['-0.25', '-0.25', '(-0.25)::FLOAT', 2],
      ['1', '1.0', '1::DOUBLE', 0],
    ],
  },
  versions: {
    column: category(['1.1', '1.9']),
    values: [
      ['1.1', '"1.1"', "'1.1'", 0],
      ['1.10', '"1.10"', "'1.10'", -1],
    ],
  },
  'true and false among words': {
    column: category(['True', 'unknown', 'False']),
    values: [
      ['True', 'true', 'true', 0],
      ['TRUE', '"TRUE"', "'TRUE'", 0],
      ['false', 'false', 'false', 2],
      ['unknown', '"unknown"', "'unknown'", 1],
      ['UNKNOWN', '"UNKNOWN"', "'UNKNOWN'", -1],
    ],
  },
  'categories with gaps': {
    column: category(['1', '2', '007', 'false'], ['-9', '0', 'true', '7']),
    values: [
      ['-9', '-9', '(-9)::BIGINT', GAP],
      ['-9.00', '-9.00', '(-9)::DECIMAL(4, 2)', GAP],
      ['0', '0', '0::DOUBLE', GAP],
      ['true', 'true', 'true', GAP],
      ['false', 'false', 'false', 3],
      ['007', '"007"', "'007'", 2],
      ['2', '2', '2::FLOAT', 1],
    ],
  },
  'numbers with gaps': {
    column: number({ na: ['-999.9', 'false'] }),
    values: [
      ['-999.9', '-999.9', '(-999.9)::FLOAT', GAP],
      ['-999.90', '-999.90', '(-999.9)::DECIMAL(6, 2)', GAP],
      ['false', 'false', 'false', GAP],
      ['-9999', '-9999', '(-9999)::FLOAT', -9999],
    ],
  },
  'numbers with a decimal comma, and gaps': {
    column: number({ notation: { decimal: ',', group: '.', unit: '€' }, na: ['-9,50 €', '-1'] }),
    values: [
      ['"-9,5"', '-9.5', '(-9.5)::DOUBLE', GAP],
      ['-1', '-1', '(-1)::INTEGER', GAP],
      ['"1,5 €"', '1.5', '1.5::DOUBLE', 1.5],
    ],
  },
  'durations with gaps': {
    column: number({ notation: 'duration', na: ['0:00:00', '-1'] }),
    values: [
      ['0:00', '0', '0::INTEGER', GAP],
      ['-1', '-1', '(-1)::DOUBLE', GAP],
      ['0:01:30', '90', '90::DOUBLE', 90],
    ],
  },
  'flags with gaps': {
    column: flag(['no', 'yes'], ['-1', 'true']),
    values: [
      ['-1', '-1', '(-1)::TINYINT', GAP],
      ['-1.0', '-1.0', '(-1)::DOUBLE', GAP],
      ['true', 'true', 'true', GAP],
      ['no', 'false', 'false', 0],
      ['1', '1', '1::BIGINT', 1],
    ],
  },
  'seconds since 1970 with gaps': {
    column: date({ epoch: 'seconds', na: ['0', '-1'] }),
    values: [
      ['0', '0', '0::BIGINT', GAP],
      ['-1.0', '-1.0', '(-1)::DOUBLE', GAP],
      ['1714521600', '1714521600', '1714521600::BIGINT', 19_844],
    ],
  },
  'dates with gaps': {
    column: date({ na: ['1900-01-01', '9999-12-31 23:59:59.5', '0'] }),
    values: [
      ['1900-01-01', '"1900-01-01"', "DATE '1900-01-01'", GAP],
      ['1900-01-01 00:00:00', '"1900-01-01T00:00Z"', "TIMESTAMP '1900-01-01'", GAP],
      ['9999-12-31 23:59:59.500', '"9999-12-31T23:59:59.5Z"', "TIMESTAMP '9999-12-31 23:59:59.5'", GAP],
      ['0', '0', undefined, GAP],
      ['1970-01-03', '"1970-01-03"', "DATE '1970-01-03'", 2],
    ],
  },
  'dates before and after the years of dates, which stand for gaps': {
    column: date({ na: ['0001-01-01', 'infinity'] }),
    values: [
      ['0001-01-01', '"0001-01-01"', "DATE '0001-01-01'", GAP],
      ['0100-01-01', '"0100-01-01"', "DATE '0100-01-01'", Date.UTC(100, 0, 1) / 86_400_000],
      ['9999-12-31', '"9999-12-31"', "DATE '9999-12-31'", Date.UTC(9999, 11, 31) / 86_400_000],
    ],
  },
};

async function writeParquet(folder: string, sql: string): Promise<string> {
  const path = join(folder, 'c.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT ${sql} AS c, 1 AS more) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  return path;
}

async function readFirst(table: Table, column: TableColumn): Promise<number | undefined> {
  const own = table.columns.find(({ name }) => name === 'c')!;
  const read = makeCellReader(own, readingOf(column));
  for await (const { cells } of table.read([own])) return read(cells[0], 0);
  return undefined;
}

function request(format: SampleFormat, body: string, column: TableColumn): number {
  const data: Manifest['data'] = {
    name: 'values',
    shape: [1],
    features: 1,
    encoded: 1,
    names: ['c'],
    label: null,
    excluded: [],
    range: null,
    classes: [],
    splits: { train: 1, validation: 1, calibration: 1, test: 1 },
    scaling: { kind: 'columns', columns: [column] },
  };
  const samples = format.read(new TextEncoder().encode(body), { data }, { invert: false, maxPixels: 1 });
  return (samples as Samples).values[0];
}

/** The raw value that each path makes of a value. */
async function readEverywhere(
  folder: string,
  column: TableColumn,
  [text, literal, sql]: Case['values'][number],
): Promise<Record<string, number | undefined>> {
  const paths = {
    csv: await written(folder, 'c.csv', `c,more\n${text},1\n`),
    ndjson: await written(folder, 'c.ndjson', `{"c":${literal},"more":1}\n`),
    ...(sql !== undefined && { parquet: await writeParquet(folder, sql) }),
  };
  const found: Record<string, number | undefined> = {
    'request in JSON': request(json, `{"instances":[{"c":${literal}}]}`, column),
    'request in JSON, a list': request(json, `{"instances":[[${literal}]]}`, column),
    'request in CSV': request(csv, `c,more\n${text},1\n`, column),
  };
  for (const [format, path] of Object.entries(paths)) {
    await using table = await openTable(path);
    found[format] = await readFirst(table, column);
    const blob = new Blob([await readFile(path)]);
    const browsed = await openInBrowser({ path, blob }, { header: true, expected: ['c'] });
    found[`${format} in the browser`] = await readFirst(browsed, column);
  }
  return found;
}

test.for(Object.entries(CASES))(
  '%s are the same on every path',
  async ([, { column, values }], { folder }) => {
    for (const value of values) {
      const found = await readEverywhere(folder, column, value);
      const expected = Object.fromEntries(Object.keys(found).map((path) => [path, value[3]]));
      expect(found, value.join(' | ')).toEqual(expected);
      expect(value[3]).not.toBe(UNFIT);
    }
  },
);

test.for([
  ['0001-01-01', "DATE '0001-01-01'"],
  ['0044-03-15 (BC)', "DATE '0044-03-15 (BC)'"],
  ['infinity', "'infinity'::DATE"],
  ['-infinity', "'-infinity'::TIMESTAMP"],
  ['10000-01-01', "DATE '10000-01-01'"],
])('%s is a date on no path', async ([text, sql], { folder }) => {
  const csvPath = await written(folder, 'c.csv', `c\n${text}\n`);
  const path = await writeParquet(folder, sql);
  const blob = new Blob([await readFile(path)]);
  await using csvTable = await openTable(csvPath);
  await using table = await openTable(path);
  await using browsed = await openInBrowser({ path, blob }, { header: true, expected: [] });
  for (const one of [csvTable, table, browsed]) expect(await readFirst(one, date({}))).toBe(UNFIT);
});

import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { builtInColumns } from '../../../dashboard/data/columns.ts';
import { dataColumn } from '../../../dashboard/data/data-columns.ts';
import { exportPoints, toCsv, toParquet } from '../../../dashboard/data/export.ts';
import { columns as own } from './columns.ts';
import { pointsOf } from './points.ts';

const points = pointsOf([
  { id: 10, x: 1.5, y: -2, label: 0, score: 3, pValue: 0.5 },
  { id: 11, x: 0, y: 0, label: 1, score: 4, pValue: 0.25 },
  { id: 12, x: 2, y: 1, score: 0.1, pValue: 1 },
]);
const terms = { label: 'Class' } as Parameters<typeof builtInColumns>[0]['terms'];
const columns = exportPoints(
  points,
  builtInColumns({ classes: ['plain', 'with "quotes", and more'], points, terms }),
);

test('a CSV of points has what the map shows of them, in full digits', () => {
  expect(toCsv(columns, [1, 2]).split('\r\n')).toEqual([
    'point,row,x,y,class,score,p-value',
    '1,11,0,0,"with ""quotes"", and more",4,0.25',
    '2,12,2,1,,0.1,1',
    '',
  ]);
});

test('a Parquet file of points has the same', async () => {
  const file = await toParquet(columns, [0, 2]);
  expect(await parquetReadObjects({ file })).toEqual([
    { point: 0, row: 10, x: 1.5, y: -2, class: 'plain', score: 3, 'p-value': 0.5 },
    { point: 2, row: 12, x: 2, y: 1, class: null, score: 0.1, 'p-value': 1 },
  ]);
});

test('dates are written as the data has them, not as days since 1970', async () => {
  const data = {
    features: own.length,
    names: own.map(({ name }) => name),
    scaling: { kind: 'columns' as const, columns: own },
  };
  const dates = {
    day: ['2024-01-02', null, '2026-12-31'],
    at: ['2024-01-02T00:20:00Z', '2024-01-02T00:00:00Z', null],
  };
  const read = Object.entries(dates).map(([name, values]) =>
    dataColumn(data as Parameters<typeof dataColumn>[0], data.names.indexOf(name), values),
  );
  const exported = exportPoints(points, read);
  expect(
    toCsv(exported, [0, 1, 2])
      .split('\r\n')
      .map((line) => line.split(',').slice(4)),
  ).toEqual([
    ['data.day', 'data.at'],
    ['2024-01-02', '2024-01-02T00:20:00Z'],
    ['', '2024-01-02T00:00:00Z'],
    ['2026-12-31', ''],
    [],
  ]);
  const file = await toParquet(exported, [0, 1]);
  expect(await parquetReadObjects({ file })).toMatchObject([
    { 'data.day': '2024-01-02', 'data.at': '2024-01-02T00:20:00Z' },
    { 'data.day': null, 'data.at': '2024-01-02T00:00:00Z' },
  ]);
});

test('a Parquet file of no points has its columns', async () => {
  expect(await parquetReadObjects({ file: await toParquet(columns, []) })).toEqual([]);
});

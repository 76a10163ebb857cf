import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { readMapTable } from '../../bundle/map-table.ts';

const encode = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData']) =>
  new Uint8Array(parquetWriteBuffer({ columnData }));

const places = [
  { name: 'x', data: Float32Array.of(1, 2, 3), type: 'FLOAT' as const },
  { name: 'y', data: Float32Array.of(4, 5, 6), type: 'FLOAT' as const },
];

test('a column of the map is categories, numbers or names, and without a value it is none', async () => {
  const table = await readMapTable(
    encode([
      { name: 'title', data: ['a', 'b', 'c'], type: 'STRING' },
      { name: 'topic', data: ['z', null, 'z'], type: 'STRING', nullable: true },
      { name: 'words', data: [10n, null, 30n], type: 'INT64', nullable: true },
      { name: 'note', data: [null, null, null], type: 'STRING', nullable: true },
      ...places,
    ]),
  );
  expect(table).toMatchObject({ count: 3, x: Float32Array.of(1, 2, 3), y: Float32Array.of(4, 5, 6) });
  expect(table.columns).toEqual([
    { name: 'title', kind: 'text', texts: ['a', 'b', 'c'] },
    { name: 'topic', kind: 'category', names: ['z'], codes: Int16Array.of(0, -1, 0) },
    { name: 'words', kind: 'number', values: Float64Array.of(10, Number.NaN, 30), ids: false },
  ]);
});

test('whole numbers that all differ are ids, and texts that are all dates are dates', async () => {
  const dated = ['2024-01-02', null, '2024-01-04'];
  const table = await readMapTable(
    encode([
      { name: 'id', data: [1017n, 23n, 5n], type: 'INT64' },
      { name: 'day', data: dated, type: 'STRING', nullable: true },
      { name: 'moment', data: ['2024-01-02T06:00:00Z', '2024-01-02', '2024-01-03'], type: 'STRING' },
      { name: 'note', data: ['2024-01-02', 'none', null], type: 'STRING', nullable: true },
      ...places,
    ]),
  );
  expect(table.columns).toMatchObject([
    { name: 'id', kind: 'number', ids: true },
    { name: 'day', kind: 'number', dates: 'day', values: Float64Array.of(19724, Number.NaN, 19726) },
    { name: 'moment', kind: 'number', dates: 'second', values: Float64Array.of(19724.25, 19724, 19725) },
    { name: 'note', kind: 'category' },
  ]);
});

test('a map without places, or that is not Parquet, is refused', async () => {
  await expect(readMapTable(encode(places.slice(0, 1)))).rejects.toThrow(
    'map.parquet is damaged: row 0, column y: expected a number, found undefined',
  );
  await expect(readMapTable(new Uint8Array(100))).rejects.toThrow('map.parquet is damaged');
});

import { expect } from 'vitest';
import { openTable } from '../../../../training/data/readers/open-table.ts';
import { lines, written } from '../tables/tables.ts';
import { test } from '../temporary.ts';

/** Headers that look a little like rows, and the rows below them. */
const HEADERS: Record<string, [header: string, row: (i: number) => string]> = {
  'names of goods, which those who bought them have again': [
    'milk,bread,eggs',
    (i) => `${i % 2 ? 'milk' : ''},${i % 3 ? 'bread' : ''},${i % 5 ? 'eggs' : ''}`,
  ],
  'the same header again, where files were put together': [
    'city,kind,x',
    (i) => (i % 50 === 49 ? 'city,kind,x' : `Oslo,${i % 2 ? 'a' : 'b'},${i}`),
  ],
  'one value that is called as its column': ['kind,city,x', (i) => `${i % 2 ? 'kind' : 'other'},Oslo,${i}`],
  years: ['country,2019,2020,2022', (i) => `C${i % 3},${i},${i + 1},${i % 5}`],
  'options of an answer': ['A,B,C,D', (i) => ['ABCD', 'BCDA', 'ACBD'][i % 3].split('').join()],
  'numbers of pixels': ['label,0,1,2,3', (i) => `${i % 2 ? 'label' : 'none'},0,1,2,3`],
};

test.for(Object.entries(HEADERS))('a header stays one: %s', async ([, [header, row]], { folder }) => {
  await using table = await openTable(await written(folder, 'a.csv', lines(header, 200, row)));
  expect(table.columns.map(({ name }) => name)).toEqual(header.split(','));
});

test('a first line that is a row is named by numbers with --no-header', async ({ folder }) => {
  const content = lines('tcp,http', 60, (i) => (i % 3 ? 'tcp,http' : 'udp,dns'));
  const path = await written(folder, 'a.csv', content);
  await expect(openTable(path)).rejects.toThrow('if it holds data, add --no-header');
  await using table = await openTable(path, { header: false });
  expect(table.columns.map(({ name }) => name)).toEqual(['column 1', 'column 2']);
  await using named = await openTable(path, { expected: ['tcp'] });
  expect(named.columns.map(({ name }) => name)).toEqual(['tcp', 'http']);
});

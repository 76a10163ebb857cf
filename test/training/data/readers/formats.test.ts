import { expect, test } from 'vitest';
import { findTableFormat, isTable } from '../../../../bundle/tables/formats.ts';
import { dataName, isIdx, isNpy } from '../../../../training/data/readers/formats.ts';

test.each([
  ['a table', isTable, ['rows.csv', 'rows.tsv.gz', 'rows.parquet', 'rows.jsonl']],
  ['an IDX file', isIdx, ['train-images-idx3-ubyte', 'train-images-idx3-ubyte.gz', 'digits.idx']],
  ['a NumPy file', isNpy, ['rows.npy']],
])('%s is recognised by the end of its name, in upper case too', (_, matches, names) => {
  for (const name of names) {
    expect(matches(name), name).toBe(true);
    expect(matches(name.toUpperCase()), name).toBe(true);
    expect(matches(`${name}.zip`), name).toBe(false);
  }
});

test('data are named by their file, and different files differently', () => {
  expect(['mnist', 'a/readings.csv.gz', 'v1.2.npy', 'folder/'].map(dataName)).toEqual([
    'mnist',
    'readings',
    'v1.2',
    'folder',
  ]);
  const files = ['温度.csv', '压力.csv', 'my data.csv', 'größe.csv'];
  const names = files.map(dataName);
  expect(new Set(names).size).toBe(files.length);
  for (const name of names) expect(name).toMatch(/^[\w.-]+$/);
  expect(dataName('other/größe.parquet'.normalize('NFD'))).toBe(dataName('größe.csv'));
});

test('the format of a table has lower case', () => {
  expect(findTableFormat('A.CSV.GZ')).toBe('csv');
  expect(findTableFormat('A.NPY')).toBeUndefined();
});

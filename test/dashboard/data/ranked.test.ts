import { expect, test } from 'vitest';
import { describeCommand, findCutoff, type RankedRows } from '../../../dashboard/data/file-result.ts';
import { formatCell, listReasons, listShown, nameRow } from '../../../dashboard/data/ranked.ts';
import type { Data } from '../../../dashboard/data/rows.ts';
import { columns } from './columns.ts';

const names = columns.map(({ name }) => name);
const data: Data = {
  features: 6,
  names,
  range: null,
  shape: [6],
  scaling: { kind: 'columns', columns },
};

const ranked: RankedRows = {
  row: Uint32Array.of(1299),
  sample: Float32Array.of(61, 1, 0, 3, 0.5, 2),
  expected: Float32Array.of(40.1234, 0.1, 1, 3, 0.5, 2),
  top: { index: Uint32Array.of(0, 2, 5), share: Float32Array.of(0.6, 0.3, 0.04) },
  x: Float32Array.of(0),
  y: Float32Array.of(0),
  cells: [['a'], [17n], [null], ['fourth']],
};
const result = { name: 'new rows.csv', carried: ['id', 'n', 'gap', 'more'], ranked };

test('reasons are the features with the largest shares, with value and expectation; small shares are left out', () => {
  expect(listReasons(result, 0, { data: { ...data, splits: { test: 100 } }, report: undefined })).toEqual([
    { text: 'age 61, expected 40.12', share: '60%' },
    { text: 'city Oslo, expected Rome', share: '30%' },
  ]);
});

test('a row is named by its number, counted from 1, and the first carried columns; an image by its file', () => {
  expect(nameRow(result, 0)).toBe('Row 1,300');
  expect(listShown(result).map(({ name, values }) => [name, formatCell(values[0])])).toEqual([
    ['id', 'a'],
    ['n', '17'],
    ['gap', ''],
  ]);
  expect(nameRow({ carried: ['file'], ranked: { ...ranked, cells: [['x/1.jpg']] } }, 0)).toBe('x/1.jpg');
});

test('the cutoff is the significance, or the largest p-value of a discovery', () => {
  const pValue = Float64Array.of(0.001, 0.02, 0.03, 0.9);
  expect(findCutoff(pValue, { significance: 0.05 })).toBe(0.05);
  // 0.03 × 4 ≤ 3 × 0.05, and 0.9 × 4 > 4 × 0.05.
  expect(findCutoff(pValue, { fdr: 0.05 })).toBe(0.03);
  expect(findCutoff(Float64Array.of(0.5, 0.9), { fdr: 0.05 })).toBe(0);
});

test('the command for the same table quotes what a shell would split', () => {
  expect(describeCommand(result, { fdr: 0.1 }, 'orders')).toBe(
    "npx offmanifold score 'new rows.csv' --model models/orders --out scores.csv --columns id,n,gap,more --explain 3 --fdr 0.1",
  );
});

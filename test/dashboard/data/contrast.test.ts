import { expect, test } from 'vitest';
import type { CategoryColumn, NumberColumn } from '../../../dashboard/data/columns.ts';
import { compareHistograms, contrastColumns, describeSize } from '../../../dashboard/data/contrast.ts';

const linear = {
  low: 0,
  high: 10,
  toShare: (value: number) => value / 10,
  fromShare: (share: number) => 10 * share,
};
const number = (key: string, values: number[]): NumberColumn => ({
  key,
  name: key,
  kind: 'number',
  values: Float64Array.from(values),
  scale: linear,
});
const kind: CategoryColumn = {
  key: 'kind',
  name: 'Kind',
  kind: 'category',
  categories: ['a', 'b', 'c'],
  codes: [0, 0, 1, 1, 1, 1, 2, -1],
  missing: 'none',
};
const inside = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0);

test('a number differs by its means, in standard deviations of all points, and shows medians', () => {
  // Mean 5 and deviation 1 of all; the two inside are 7 and 5.
  const values = [7, 5, 4, 4, 5, 5, 5, 5];
  const mean = 5;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 8);
  const [found] = contrastColumns([number('height', values)], inside);
  expect(found).toMatchObject({ key: 'height', here: '5.00', all: '5.00' });
  expect(found!.size).toBeCloseTo((6 - mean) / deviation, 12);
});

test('a missing number counts neither inside nor in all', () => {
  const values = [2, Number.NaN, 4, 6, Number.NaN, 8, 10, 0];
  const whole = [2, 4, 6, 8, 10, 0];
  const deviation = Math.sqrt(whole.reduce((sum, value) => sum + (value - 5) ** 2, 0) / 6);
  const [found] = contrastColumns([number('height', values)], inside);
  expect(found!.size).toBeCloseTo((2 - 5) / deviation, 12);
  expect(contrastColumns([number('height', values)], Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0))).toEqual([]);
});

test('categories differ by the share of the one that is most unlike its share of all', () => {
  const [found] = contrastColumns([kind], inside);
  expect(found).toMatchObject({ category: 'a', here: '100%', all: '25%' });
  expect(found!.size).toBeCloseTo(0.75 / Math.sqrt(0.25 * 0.75), 12);
  const [absent] = contrastColumns([kind], Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1));
  expect(absent).toMatchObject({ category: 'none', here: '100%' });
});

test('the largest difference comes first, whichever its direction', () => {
  const columns = [number('little', [5, 5, 4, 6, 5, 5, 4, 6]), number('low', [0, 0, 9, 9, 9, 9, 9, 9]), kind];
  const found = contrastColumns(columns, inside);
  expect(found.map(({ key }) => key)).toEqual(['low', 'kind', 'little']);
  expect(describeSize(found[0]!)).toBe('−1.7 SD');
  expect(contrastColumns(columns, new Uint8Array(8))).toEqual([]);
});

test('two histograms have the same bins, and each adds up to 1', () => {
  const { here, all } = compareHistograms(number('p', [0, 1, 5, 9, 10, 10, 5, 5]), inside, 5);
  expect(here).toEqual([1, 0, 0, 0, 0]);
  expect(all).toEqual([2 / 8, 0, 3 / 8, 0, 3 / 8]);
});

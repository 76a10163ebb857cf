import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logScale } from '../../../dashboard/common/scale.ts';
import type { Column } from '../../../dashboard/data/columns.ts';
import {
  countCategories,
  countShown,
  describeFilters,
  type Filters,
  filterPoints,
  isolateCode,
  moveEnd,
  NO_FILTERS,
  type Range,
  roundOutwards,
  toggleCode,
  withHidden,
  withoutColumn,
  withRange,
} from '../../../dashboard/data/filters.ts';

const number = (key: string, values: number[]): Column => ({
  key,
  name: key,
  kind: 'number',
  values: Float64Array.from(values),
  scale: logScale(Float64Array.from(values)),
});
const kinds: Column = {
  key: 'class',
  name: 'Class',
  kind: 'category',
  categories: ['a', 'b', 'c'],
  codes: [0, 1, 1, -1],
  missing: 'no label',
};
const columns = [kinds, number('score', [1, 10, 100, Number.NaN]), number('p-value', [1, 0.1, 0.01, 0.001])];

const shownWith = (filters: Filters) => [...filterPoints(4, columns, filters)];
const hide = (...codes: number[]) => withHidden(NO_FILTERS, 'class', new Set(codes));

test('without a filter every point is shown, also one without a number', () => {
  expect(shownWith(NO_FILTERS)).toEqual([1, 1, 1, 1]);
});

test('a point is shown if every filter lets it through', () => {
  expect(shownWith(hide(1))).toEqual([1, 0, 0, 1]);
  expect(shownWith(hide(-1))).toEqual([1, 1, 1, 0]);
  expect(shownWith(withRange(NO_FILTERS, 'score', [10, Infinity]))).toEqual([0, 1, 1, 0]);
  expect(shownWith(withRange(NO_FILTERS, 'p-value', [-Infinity, 0.01]))).toEqual([0, 0, 1, 1]);
  expect(shownWith(withRange(hide(0), 'score', [1, 10]))).toEqual([0, 1, 0, 0]);
  expect(countShown(Uint8Array.of(1, 0, 1))).toBe(2);
});

test('a filter on a column that is not there hides nothing, but is described', () => {
  const filters = withRange(NO_FILTERS, 'height', [1, 2]);
  expect(shownWith(filters)).toEqual([1, 1, 1, 1]);
  expect(describeFilters(columns, filters)).toEqual([
    { key: 'height', text: 'height: not a column of this map' },
  ]);
});

test('filters are described by what is left or by what is missing, whichever is shorter', () => {
  const textOf = (filters: Filters) => describeFilters(columns, filters).map(({ text }) => text);
  expect(textOf(NO_FILTERS)).toEqual([]);
  expect(textOf(hide(0))).toEqual(['Class: only b, no label']);
  expect(textOf(hide(0, 1, -1))).toEqual(['Class: none']);
  expect(textOf(withRange(hide(0), 'score', [5, Infinity]))).toEqual([
    'Class: only b, no label',
    'score ≥ 5.00',
  ]);
  expect(textOf(withRange(NO_FILTERS, 'score', [-Infinity, 5]))).toEqual(['score ≤ 5.00']);
  expect(textOf(withRange(NO_FILTERS, 'score', [1, 5]))).toEqual(['score 1.00 to 5.00']);
});

test('a filter that lets all through is none', () => {
  expect(hide()).toEqual(NO_FILTERS);
  expect(withRange(hide(1), 'score', [-Infinity, Infinity])).toEqual(hide(1));
  expect(withoutColumn(withRange(hide(1), 'score', [1, 2]), 'class')).toEqual(
    withRange(NO_FILTERS, 'score', [1, 2]),
  );
});

test('a range that begins or ends at a rounded value shows that value', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), fc.boolean(), (size, negative) => {
      const value = negative ? -size : size;
      const [low, high] = [roundOutwards(value, 'low'), roundOutwards(value, 'high')];
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
      expect(high - low).toBeLessThanOrEqual(1.001e-3 * size);
      for (const range of [
        [low, Infinity],
        [-Infinity, high],
        [low, high],
      ] as Range[]) {
        const filters = withRange(NO_FILTERS, 'n', range);
        expect([...filterPoints(1, [number('n', [value])], filters)]).toEqual([1]);
      }
    }),
  );
});

test('categories without points are not listed, and points without one come last', () => {
  expect(countCategories({ categories: ['a', 'b', 'c'], codes: [2, -1, 0, 2], missing: 'none' })).toEqual([
    { name: 'a', code: 0, count: 1 },
    { name: 'c', code: 2, count: 2 },
    { name: 'none', code: -1, count: 1 },
  ]);
});

test('toggling a category twice changes nothing, and does not touch the set it was given', () => {
  const hidden = new Set([3]);
  expect(toggleCode(hidden, 3)).toEqual(new Set());
  expect(toggleCode(toggleCode(hidden, 5), 5)).toEqual(hidden);
  expect(hidden).toEqual(new Set([3]));
});

test('isolating a category hides all others that are listed', () => {
  const listed = countCategories({ categories: ['a', 'b', 'c'], codes: [2, -1, 0, 1], missing: 'none' });
  expect(isolateCode(listed, 1)).toEqual(new Set([0, 2, -1]));
});

test('an end of a range stops at the other end', () => {
  expect(moveEnd([0.2, 0.6], 'low', 0.4)).toEqual([0.4, 0.6]);
  expect(moveEnd([0.2, 0.6], 'low', 0.9)).toEqual([0.6, 0.6]);
  expect(moveEnd([0.2, 0.6], 'high', 0.1)).toEqual([0.2, 0.2]);
});

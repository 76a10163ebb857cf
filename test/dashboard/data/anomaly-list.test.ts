import { describe, expect, test } from 'vitest';
import { linearScale } from '../../../dashboard/common/scale.ts';
import { findVisible, sortPoints } from '../../../dashboard/data/anomaly-list.ts';
import type { Column } from '../../../dashboard/data/columns.ts';
import { IDS, RANKED, SITE } from './five-points.ts';

const values = Float64Array.of(3, Number.NaN, 1, 3, 2);
const COLUMNS: Column[] = [{ key: 'x', name: 'x', kind: 'number', values, scale: linearScale(values) }, SITE];
const sort = (key: string, descending = false) => sortPoints(RANKED, { key, descending }, COLUMNS, [IDS]);

describe('sorting', () => {
  test('by numbers keeps the rank of equal ones, and puts missing values last in both directions', () => {
    expect(sort('x')).toEqual([2, 4, 0, 3, 1]);
    expect(sort('x', true)).toEqual([0, 3, 4, 2, 1]);
  });

  test('by words and ids, numbers in them as numbers', () => {
    expect(sort('site')).toEqual([4, 1, 0, 3, 2]);
    expect(sort('id')).toEqual([2, 1, 0, 4, 3]);
    expect(sort('id', true)).toEqual([4, 0, 1, 2, 3]);
  });

  test('by rank, and by a column that is not there', () => {
    expect(sort('rank')).toEqual(RANKED);
    expect(sort('rank', true)).toEqual([2, 1, 3, 0, 4]);
    expect(sort('y')).toEqual(RANKED);
  });
});

test('only the rows on the screen are made, and some to spare', () => {
  expect(findVisible(1000, { top: 0, height: 380, rowHeight: 38 }, 2)).toEqual({ first: 0, end: 12 });
  expect(findVisible(1000, { top: 3800, height: 380, rowHeight: 38 }, 2)).toEqual({ first: 98, end: 112 });
  expect(findVisible(5, { top: 3800, height: 380, rowHeight: 38 }, 2)).toEqual({ first: 3, end: 5 });
});

import { expect, test } from 'vitest';
import { createSearch } from '../../../dashboard/data/search.ts';
import { IDS, RANKED, SITE } from './five-points.ts';

const ROWS = [70, 71, 72, 7, 74];

test('a search finds the points that have each word in an id or a category', () => {
  const find = createSearch([SITE], [IDS], ROWS);
  expect(find(RANKED, '  ')).toEqual(RANKED);
  expect(find(RANKED, 'R1')).toEqual([4, 0, 2]);
  expect(find(RANKED, 'hill')).toEqual([4, 1]);
  expect(find(RANKED, 'hill r1')).toEqual([4]);
  expect(find([1, 2], 'r')).toEqual([1, 2]);
  expect(find(RANKED, 'x')).toEqual([]);
});

test('a number finds a row by its whole number: with #, or where there are no ids', () => {
  const find = createSearch([SITE], [IDS], ROWS);
  expect(find(RANKED, '#7')).toEqual([3]);
  expect(find(RANKED, '7')).toEqual([]);
  expect(createSearch([SITE], [], ROWS)(RANKED, '7')).toEqual([3]);
});

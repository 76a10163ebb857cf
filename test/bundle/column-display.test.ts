import { expect, test } from 'vitest';
import { describeAccepted, displayExpected, displayValue } from '../../bundle/column-display.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { columns } from './table-columns.ts';

test('raw values are displayed for people', () => {
  const [age, member, city, at] = columns;
  expect([displayValue(age, 40.123456789), displayValue(age, Number.NaN)]).toEqual(['40.1235', 'missing']);
  expect([0, 1, 0.25].map((x) => displayValue(member, x))).toEqual(['no', 'yes', 'no (75%)']);
  expect([0, 2, -1].map((x) => displayValue(city, x))).toEqual(['Oslo', '7', 'unknown']);
  expect(displayValue(at, 1.5)).toBe('2024-01-02T12:00:00Z');
});

test('a time of day is displayed if dates have one, even if it is always the same, and for no pure date', () => {
  const dated = { ...columns[3], time: false } as TableColumn;
  expect([1, 1.5].map((x) => displayValue(dated, x))).toEqual(['2024-01-02', '2024-01-02T12:00:00Z']);
  expect(displayExpected(dated, 1.4)).toBe('2024-01-02');
  expect(displayExpected(columns[3]!, 1.5)).toBe('2024-01-02T12:00:00Z');
});

test('what a column accepts is described with its own words', () => {
  const [age, member, city] = columns;
  expect([age, member, city].map((column) => describeAccepted(column))).toEqual([
    'a number',
    'true or false (or "no", "yes")',
    'text',
  ]);
  expect(describeAccepted({ ...member, words: ['False', 'True'] } as TableColumn)).toBe('true or false');
});

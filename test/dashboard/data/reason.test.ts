import { expect, test } from 'vitest';
import { describeReason } from '../../../dashboard/data/reason.ts';
import { columns, data as described } from './columns.ts';

const data = { ...described, splits: { test: 1200 } };
const [age, member, city] = [0, 1, 2];
const clock = columns.length - 1;
const { scale } = columns[age] as { scale: number };
const distribution = { counts: [1, 2, 1], quantiles: [0, 1, 2, 30, 40, 50, 60, 70, 80] };
const report = { columns: columns.map(({ kind }) => (kind === 'number' ? distribution : null)) };

const reason = (index: number, raw: number, text: string, expected: number) =>
  describeReason({ data, report }, { index, value: { text, raw }, expected });

test('a value far from the expected one comes with it', () => {
  expect(reason(age, 61, '61', 61 - scale)).toBe(`age 61, expected ${61 - scale}`);
  expect(reason(age, Number.NaN, 'missing', 40)).toBe('age missing, expected 40');
  expect(describeReason({ data, report }, { index: age, value: undefined, expected: 40 })).toBe(
    'age, expected 40',
  );
});

test('a value near the expected one comes with how rare it is, if it is', () => {
  expect(reason(age, 75, '75', 75 + 0.1 * scale)).toBe('age 75, highest 1%');
  expect(reason(age, 45, '45', 45 - 0.1 * scale)).toBe('age 45');
  const unreported = { data, report: undefined };
  expect(describeReason(unreported, { index: age, value: { text: '75', raw: 75 }, expected: 75 })).toBe(
    'age 75',
  );
});

test('a flag or a category is compared as a word', () => {
  expect(reason(member, 1, 'yes', 0.93)).not.toContain('expected');
  expect(reason(member, 1, 'yes', 0.2)).toContain(', expected ');
  expect(reason(city, 0, 'Oslo', 0)).not.toContain('expected');
  expect(reason(city, 0, 'Oslo', 1)).toContain(', expected ');
});

test('what the model does not reconstruct has no expected value', () => {
  expect(reason(clock, 3, '2026-01-01', 900)).toBe(`${columns[clock]!.name} 2026-01-01`);
});

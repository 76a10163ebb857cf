import { expect, test } from 'vitest';
import type { Cell } from '../../../bundle/tables/cell.ts';
import { findFileDates } from '../../../dashboard/data/file-dates.ts';
import { columns, data } from './columns.ts';

/** Forty rows, one a day: in the later half, everybody is twice as old, and some live in a city that is new. */
const rows = Array.from({ length: 40 }, (_, i) => [
  i < 20 ? 30 : 60,
  i % 2,
  i < 30 ? i % 3 : -1,
  i,
  i,
  Number.NaN,
]);
const raw = (j: number) => Float32Array.from(rows, (row) => row[j]!);
const march = (days: number) => new Date(Date.UTC(2024, 2, 1 + days)).toISOString().slice(0, 10);

test('the dates of a file are those that the model reads and texts that are all dates, each with what moved', () => {
  const carried = new Map<string, Cell[]>([
    ['shipped', rows.map((_, i) => (i === 3 ? null : march(i)))],
    ['note', rows.map((_, i) => (i === 3 ? 'late' : march(i)))],
    ['empty', rows.map(() => null)],
    ['number', rows.map((_, i) => i)],
  ]);
  const dates = findFileDates({ data, raw, carried });
  expect(dates.map(({ name }) => name)).toEqual(['logged', 'day', 'at', 'shipped']);
  // Days since 1970-01-01: 2024-01-01 is the origin of the columns.
  expect([...dates[1]!.values.slice(0, 2)]).toEqual([19_723, 19_724]);
  expect([...dates[3]!.values.slice(2, 5)]).toEqual([19_785, Number.NaN, 19_787]);
  for (const { drifts } of dates.slice(1)) {
    expect(drifts.map(({ name }) => name).sort()).toEqual(['age', 'city', 'member']);
    expect(drifts[0]).toMatchObject({ name: 'age', distance: 1, earlier: '30.0', later: '60.0' });
    expect(drifts.find(({ name }) => name === 'city')).toMatchObject({ category: 'new', later: '50%' });
  }
});

test('a file without dates has none', () => {
  expect(findFileDates({ data, raw, carried: new Map() }).map(({ name }) => name)).not.toContain('age');
  const plain = {
    ...data,
    names: ['age'],
    features: 1,
    shape: [1],
    scaling: { kind: 'columns' as const, columns: columns.slice(0, 1) },
  };
  expect(
    findFileDates({ data: plain, raw, carried: new Map([['id', rows.map((_, i) => `r${i}`)]]) }),
  ).toEqual([]);
});

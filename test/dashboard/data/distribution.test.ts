import { describe, expect, test } from 'vitest';
import { placeValue } from '../../../dashboard/data/distribution.ts';
import { columns as COLUMNS } from './columns.ts';

const counts = Array.from({ length: 24 }, (_, i) => i);
const quantiles = [-3, -2, -1.5, -0.5, 0, 0.5, 1.5, 2, 3];

function place(name: string, raw: number, own = quantiles) {
  const j = COLUMNS.findIndex((column) => column.name === name);
  const data = {
    scaling: { kind: 'columns' as const, columns: COLUMNS },
    splits: { test: 1200 },
  };
  const columns = COLUMNS.map(({ kind }) =>
    kind === 'number' || kind === 'date' ? { quantiles: own, counts } : null,
  );
  return placeValue({ data, report: { columns } }, j, raw);
}

const number = COLUMNS.find(({ kind }) => kind === 'number')!.name;

describe('a number', () => {
  test.each([
    [-3.1, 'below all 1,200 test rows', true],
    [-2.5, 'lowest 1%', true],
    [-1.7, 'lowest 5%', false],
    [-1, 'lower quarter', false],
    [-0.1, 'middle half', false],
    [0.2, 'middle half', false],
    [1, 'upper quarter', false],
    [1.8, 'highest 5%', false],
    [2.5, 'highest 1%', true],
    [3.1, 'above all 1,200 test rows', true],
  ])('%d is among the %s', (raw, text, rare) => {
    expect(place(number, raw)).toMatchObject({ text, rare, unusual: Math.abs(raw) > 1.5 });
  });

  test('that many rows have is not rare', () => {
    expect(place(number, 0, [0, 0, 0, 0, 0, 0.5, 1, 2, 3])).toMatchObject({
      text: 'as in at least 50% of rows',
      rare: false,
    });
  });

  test('is marked where it is between the ends of the bars', () => {
    expect(place(number, 0)!.at).toBe(0.5);
    expect(place(number, -9)!.at).toBe(0);
    expect(place(number, 9)!.at).toBe(1);
    expect(place(number, 0)!.bars).toHaveLength(24);
    expect(place(number, Number.NaN)!.at).toBeUndefined();
  });
});

test('a category has its share of the rows, and an unknown one is new', () => {
  const { name } = COLUMNS.find(({ kind }) => kind === 'category')!;
  expect(place(name, 0)!.text).toMatch(/% of rows$/);
  expect(place(name, -1)).toMatchObject({ text: 'new: no training row has it', rare: true, at: undefined });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildFeatureRows, createBarScale, formatShare } from '../../../dashboard/data/feature-rows.ts';
import { columns } from './columns.ts';

const data: Parameters<typeof buildFeatureRows>[0] = {
  shape: [4],
  features: 4,
  names: null,
  range: null,
  scaling: { kind: 'standard', mean: [0, 0, 0, 0], deviation: [1, 1, 1, 1] },
};
const table: typeof data = { ...data, features: columns.length, scaling: { kind: 'columns', columns } };

test('with shares, the features with the largest come first, equal ones in their order', () => {
  const rows = buildFeatureRows(data, {
    sample: [1, 2, 3, 4],
    expected: [9, 8, 7, 6],
    share: [0.2, 0.3, 0.2, 0.3],
  });
  expect(rows.map(({ index }) => index)).toEqual([1, 3, 0, 2]);
  expect(rows[0]).toEqual({ index: 1, value: 2, expected: 8, measure: 'share', amount: 0.3, known: true });
});

test('without shares, the values furthest from the mean come first, whichever way', () => {
  const rows = buildFeatureRows(data, { expected: [1, -5, 3, 0] });
  expect(rows.map(({ index, amount }) => [index, amount])).toEqual([
    [1, -5],
    [2, 3],
    [0, 1],
    [3, 0],
  ]);
  expect(rows[0]!.value).toBeUndefined();
});

test('frequencies come after all deviations, and a clock is not known', () => {
  const rows = buildFeatureRows(table, { expected: [40, 1, 0, 0.4, 0.4, 9] });
  expect(rows.slice(-2).map(({ measure }) => measure)).toEqual(['frequency', 'frequency']);
  expect(rows.filter(({ known }) => !known).map(({ index }) => index)).toEqual([5]);
});

test('bars stay in their track, and the largest fills its side', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (expected, centred) => {
        const rows = buildFeatureRows(data, { expected });
        const barOf = createBarScale(rows, centred);
        for (const [i, { amount }] of rows.entries()) {
          const { left, width } = barOf(amount);
          expect(left).toBeGreaterThanOrEqual(-1e-9);
          expect(left + width).toBeLessThanOrEqual(100 + 1e-9);
          if (i === 0 && Math.abs(amount) > 1e-9) expect(width).toBeCloseTo(centred ? 50 : 100, 9);
          if (centred) expect(amount < 0 ? left + width : left).toBeCloseTo(50, 9);
        }
      },
    ),
  );
});

test('bars have no NaN where all amounts are 0', () => {
  expect(createBarScale(buildFeatureRows(data, { expected: [0, 0, 0, 0] }), true)(0)).toEqual({
    left: 50,
    width: 0,
  });
});

test('a share above 0 is never shown as 0', () => {
  expect([0, 0.0004, 0.001, 0.25].map(formatShare)).toEqual(['0%', '<0.1%', '0.1%', '25%']);
});

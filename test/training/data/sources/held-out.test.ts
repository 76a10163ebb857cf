import { expect, test } from 'vitest';
import { listExcluded, listRemaining } from '../../../../training/data/datasets/split.ts';
import { drawSplit, LEAST_CALIBRATION } from '../../../../training/data/sources/held-out.ts';

const sizesOf = (count: number, configuration = {}) => {
  const { heldOut, unused } = drawSplit('data', count, configuration);
  const { validation, calibration, test } = heldOut;
  return [validation, calibration, test, unused].map(({ length }) => length);
};

test('by default a tenth, 15 % and a fifth of the rows are held out, within bounds', () => {
  expect(sizesOf(1000)).toEqual([100, 150, 200, 0]);
  expect(sizesOf(1_000_000)).toEqual([2000, 4000, 10_000, 0]);
  expect(sizesOf(1000, { validation: 1, calibration: 2, test: 3 })).toEqual([1, 2, 3, 0]);
});

test('of few rows enough are for calibration, as long as two are left to train on', () => {
  expect(sizesOf(40)[1]).toBe(LEAST_CALIBRATION);
  expect(sizesOf(10)).toEqual([1, 5, 2, 0]);
});

test('rows beyond the limit are for nothing, and the others are those of no limit', () => {
  const whole = drawSplit('data', 1000, { seed: 3 });
  const limited = drawSplit('data', 1000, { seed: 3, limit: 100 });
  expect(limited.heldOut).toEqual(whole.heldOut);
  expect(limited.unused).toEqual(limited.unused.slice().sort());
  expect(listRemaining(1000, listExcluded(limited))).toHaveLength(100);
});

test('too few rows are refused with the name of the data', () => {
  expect(() => drawSplit('data', 5, { test: 5 })).toThrow(/^data: the data has 5 samples: /);
});

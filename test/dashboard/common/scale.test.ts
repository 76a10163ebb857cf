import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countBins, logScale, logScaleBetween, logScaleFrom } from '../../../dashboard/common/scale.ts';

const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
const column = fc.array(positive, { minLength: 1, maxLength: 40 }).map((values) => Float64Array.from(values));

test('a value and its share of the scale are inverse', () => {
  fc.assert(
    fc.property(column, (values) => {
      const scale = logScale(values);
      for (const value of values) expect(scale.fromShare(scale.toShare(value)) / value).toBeCloseTo(1, 9);
    }),
  );
});

test('the scale runs from the smallest to the largest value, and equal ratios are equal lengths', () => {
  const scale = logScale(Float64Array.of(10, 1000, 1));
  expect([scale.low, scale.high]).toEqual([1, 1000]);
  expect(scale.toShare(10)).toBeCloseTo(1 / 3, 12);
  expect(scale.fromShare(2 / 3)).toBeCloseTo(100, 9);
});

test('values beyond the ends are clamped, and so is zero, which has no logarithm', () => {
  const scale = logScaleBetween(1, 100);
  expect([0, 0.1, 1e9].map(scale.toShare)).toEqual([0, 0, 1]);
  expect(logScale(Float64Array.of(0, 1)).toShare(0)).toBe(0);
});

test('a column with one value has a scale without NaN', () => {
  const scale = logScale(Float64Array.of(5, 5));
  expect([scale.toShare(5), scale.fromShare(0)]).toEqual([0, 5]);
});

test('every value is in exactly one bin, and the largest is in the last', () => {
  fc.assert(
    fc.property(column, fc.integer({ min: 1, max: 12 }), (values, bins) => {
      const counts = countBins(values, logScale(values), bins);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      if (new Set(values).size > 1) expect(counts[bins - 1]).toBeGreaterThan(0);
    }),
  );
  const scale = logScaleBetween(1, 10_000);
  expect([...countBins(Float64Array.of(1, 5, 50, 5000, 10_000), scale, 4)]).toEqual([2, 1, 0, 2]);
});

test('a logarithmic scale from a quantile on begins at that value', () => {
  const scale = logScaleFrom(
    Float64Array.from({ length: 101 }, (_, i) => 100 - i),
    0.02,
  );
  expect([scale.low, scale.high, scale.toShare(0)]).toEqual([2, 100, 0]);
});

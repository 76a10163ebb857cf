import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultSignificance, lowestSignificance, smallestPValue } from '../../bundle/p-value.ts';

test('the lowest level can flag a sample, and is no more than two significant digits above the smallest p-value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (count) => {
      const [level, smallest] = [lowestSignificance(count), smallestPValue(count)];
      expect(level).toBeGreaterThanOrEqual(smallest);
      expect(level / smallest).toBeLessThanOrEqual(1.1 + 1e-9);
      expect(Number(level.toPrecision(2))).toBe(level);
    }),
  );
  expect([99, 999, 500].map(lowestSignificance)).toEqual([0.01, 0.001, 0.002]);
});

test('the default is 0.01, or the lowest level that can flag a sample if that is higher', () => {
  expect([99, 100, 5000].map(defaultSignificance)).toEqual([0.01, 0.01, 0.01]);
  // 1 / 46 is 0.0217…, 1 / 99 is 0.0101….
  expect([45, 98, 9].map(defaultSignificance)).toEqual([0.022, 0.011, 0.1]);
});

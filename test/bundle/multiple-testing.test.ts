import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import { Random } from '../../kernels/random.ts';

test('finds what the worked example of Benjamini and Hochberg (1995, section 3.2) finds', () => {
  const pValues = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
    0.759, 1,
  ];
  const found = benjaminiHochberg(pValues, 0.05);
  expect(found).toEqual({ discovery: pValues.map((_, i) => i < 4), count: 4, threshold: 0.0095 });
});

test('steps up: a p-value above its own line is a discovery if a larger one is below its line', () => {
  expect(benjaminiHochberg([0.04, 0.041, 0.9], 0.07).discovery).toEqual([true, true, false]);
});

/** p-values c / d and q = a / 100 as whole numbers, for which the definition needs no rounding. */
const problem = fc.record({
  d: fc.integer({ min: 1, max: 2000 }),
  counts: fc.array(fc.nat({ max: 10_000 }), { maxLength: 64 }),
  a: fc.integer({ min: 1, max: 99 }),
});

test('is the definition: with the largest k of p₍ₖ₎ ≤ k q / m, the k smallest, and what is equal to them', () => {
  fc.assert(
    fc.property(problem, ({ d, counts, a }) => {
      const numerators = counts.map((count) => 1 + (count % d));
      const m = numerators.length;
      const sorted = numerators.toSorted((x, y) => x - y);
      let k = 0;
      for (let i = 1; i <= m; i++) if (sorted[i - 1]! * 100 * m <= i * a * d) k = i;
      const found = benjaminiHochberg(
        numerators.map((c) => c / d),
        a / 100,
      );
      expect(found.discovery).toEqual(numerators.map((c) => k > 0 && c <= sorted[k - 1]!));
      expect(found.count).toBe(k);
      expect(found.threshold).toBe(k > 0 ? sorted[k - 1]! / d : null);
    }),
  );
});

test('does not depend on the order, and finds no less at a larger q', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }),
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      (pValues, q) => {
        const { discovery, threshold } = benjaminiHochberg(pValues, q);
        const backwards = benjaminiHochberg(pValues.toReversed(), q);
        expect(backwards.discovery.toReversed()).toEqual(discovery);
        expect(backwards.threshold).toBe(threshold);
        const more = benjaminiHochberg(pValues, 1.5 * q).discovery;
        expect(discovery.every((found, i) => !found || more[i])).toBe(true);
      },
    ),
  );
});

test('of what it finds, the share that is false is at most q on average', () => {
  const random = new Random(5);
  const q = 0.2;
  const rounds = 2000;
  let share = 0;
  for (let round = 0; round < rounds; round++) {
    const pValues = Array.from({ length: 40 }, (_, i) =>
      i < 30 ? random.uniform() : random.uniform() ** 6 / 50,
    );
    const { discovery, count } = benjaminiHochberg(pValues, q);
    share += discovery.slice(0, 30).filter(Boolean).length / Math.max(count, 1) / rounds;
  }
  expect(share).toBeLessThan(q);
  // Exactly q × 30 / 40 for independent p-values.
  expect(share).toBeCloseTo(0.15, 1);
});

test.each([0, 1, -0.1, Number.NaN])('refuses a rate of %s', (q) => {
  expect(() => benjaminiHochberg([0.5], q)).toThrow(
    `a false discovery rate of ${q}, expected above 0 and below 1`,
  );
});

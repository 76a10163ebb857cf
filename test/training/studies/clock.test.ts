import { expect, test } from 'vitest';
import { estimateLeft } from '../../../training/studies/clock.ts';

test('the time left is as expected at first, then as measured', () => {
  expect(estimateLeft(0, 400, 0)).toBe(400);
  // Everything takes as long as expected.
  expect(estimateLeft(100, 400, 100)).toBeCloseTo(300);
  // A machine that is three times slower than it was measured.
  expect(estimateLeft(200, 400, 600)).toBeGreaterThan(500);
  expect(estimateLeft(200, 400, 600)).toBeLessThan(600);
  expect(estimateLeft(400, 400, 900)).toBe(0);
});

import { expect, test } from 'vitest';
import { estimateLeft } from '../../../training/studies/studies.ts';

test('the time left is as expected at first, then as measured', () => {
  expect(estimateLeft(0, 400, 0, 1)).toBe(400);
  expect(estimateLeft(0, 400, 0, 0.1)).toBeCloseTo(40);
  // Everything takes as long as expected.
  expect(estimateLeft(100, 400, 100, 1)).toBeCloseTo(300);
  // A machine that is three times slower.
  expect(estimateLeft(200, 400, 600, 1)).toBeGreaterThan(500);
  expect(estimateLeft(200, 400, 600, 1)).toBeLessThan(600);
  expect(estimateLeft(400, 400, 900, 1)).toBe(0);
});

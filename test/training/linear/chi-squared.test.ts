import { expect, test } from 'vitest';
import { chiSquaredCdf, chiSquaredQuantile } from '../../../training/linear/chi-squared.ts';

test('for an even number of degrees, the distribution is that of a sum of exponentials', () => {
  for (const degrees of [2, 4, 10, 130]) {
    for (const x of [0.1, 1, 3, 20, 130, 300]) {
      let term = Math.exp(-x / 2);
      let beyond = 0;
      for (let k = 0; k < degrees / 2; k++) {
        beyond += term;
        term *= x / 2 / (k + 1);
      }
      expect(chiSquaredCdf(x, degrees)).toBeCloseTo(1 - beyond, 12);
    }
  }
});

test('quantiles are those of published tables', () => {
  for (const [share, degrees, expected] of [
    [0.5, 1, 0.4549],
    [0.975, 1, 5.0239],
    [0.975, 3, 9.3484],
    [0.05, 10, 3.9403],
    [0.975, 30, 46.9792],
    [0.99, 100, 135.8067],
  ]) {
    expect(chiSquaredQuantile(share, degrees)).toBeCloseTo(expected, 3);
  }
});

test('no share is below 0, and all is below infinity', () => {
  expect(chiSquaredCdf(0, 3)).toBe(0);
  expect(chiSquaredCdf(-1, 3)).toBe(0);
  expect(chiSquaredCdf(1e4, 3)).toBe(1);
});

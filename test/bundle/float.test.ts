import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortestFloat } from '../../bundle/float.ts';

test('the shortest decimal is the same 32-bit float, and none is shorter', () => {
  expect(shortestFloat(Math.fround(0.1))).toBe(0.1);
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const short = shortestFloat(value);
      expect(Math.fround(short) === value).toBe(true);
      // Below the smallest normal float, six digits are more than a float has.
      if (Math.abs(value) < 2 ** -126) return;
      const digits = [1, 2, 3, 4, 5, 6, 7, 8].find(
        (d) => Math.fround(Number(value.toPrecision(d))) === value,
      );
      if (digits !== undefined) expect(short === Number(value.toPrecision(digits))).toBe(true);
    }),
  );
});

test('a float is written with six to nine digits, as few as read back as the same number', () => {
  const floats = [0.1, 1 / 3, 16_777_216, 1e-45, 3.4028234663852886e38].map(Math.fround);
  expect(floats.map(shortestFloat).map(String)).toEqual([
    '0.1',
    '0.33333334',
    '16777216',
    '1.4013e-45',
    '3.4028235e+38',
  ]);
});

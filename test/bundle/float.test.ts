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

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { quadraticFit, tilt } from '../../../training/studies/tilt.ts';

const SIDE = 28;

/** A stroke through the middle, as ink shared between the pixels beside it. */
function stroke(degrees: number): Float32Array {
  const image = new Float32Array(SIDE * SIDE);
  for (let y = 4; y < 24; y++) {
    const x = 13.5 + (13.5 - y) * Math.tan((degrees * Math.PI) / 180);
    const left = Math.floor(x);
    image[y * SIDE + left] += 1 - (x - left);
    image[y * SIDE + left + 1] += x - left;
  }
  return image;
}

test('the tilt of a stroke is the angle that it was drawn at, to the right positive', () => {
  for (const degrees of [-40, -12, 0, 7, 30]) {
    expect(tilt(stroke(degrees), [SIDE, SIDE])).toBeCloseTo(degrees, 3);
  }
});

test('an image without ink, or of one row of it, is not tilted', () => {
  expect(tilt(new Float32Array(SIDE * SIDE), [SIDE, SIDE])).toBe(0);
  expect(tilt(new Float32Array(SIDE * SIDE).fill(1, 0, SIDE), [SIDE, SIDE])).toBe(0);
});

test('what is quadratic in the places is explained in full, whatever it is', () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(fc.array(number, { minLength: 6, maxLength: 6 }), fc.nat(1000), (c, seed) => {
      fc.pre(c.slice(1).some((value) => Math.abs(value) > 0.1));
      const random = new Random(seed);
      const places = Float32Array.from({ length: 120 }, () => 40 * random.normal());
      const values = Float32Array.from({ length: 60 }, (_, i) => {
        const [x, y] = [places[2 * i] / 40, places[2 * i + 1] / 40];
        return c[0] + c[1] * x + c[2] * y + c[3] * x * x + c[4] * x * y + c[5] * y * y;
      });
      const { fitted, rSquared } = quadraticFit(places, values);
      expect(rSquared).toBeGreaterThan(0.9999);
      for (const [i, value] of values.entries()) expect(fitted[i]).toBeCloseTo(value, 2);
    }),
  );
});

test('of what has nothing to do with the places hardly anything is explained', () => {
  const random = new Random(11);
  const places = Float32Array.from({ length: 4000 }, () => random.normal());
  const values = Float32Array.from({ length: 2000 }, () => random.normal());
  const { rSquared } = quadraticFit(places, values);
  expect(rSquared).toBeGreaterThanOrEqual(0);
  expect(rSquared).toBeLessThan(0.01);
});

test('too few values are refused', () => {
  expect(() => quadraticFit(new Float32Array(12), new Float32Array(6))).toThrow('at least 7 are needed');
});

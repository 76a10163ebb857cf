import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { fitQuadratic, measureTilt } from '../../../training/studies/tilt.ts';

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

test('the tilt of a stroke is the angle that it was drawn at, positive to the right', () => {
  for (const degrees of [-40, -12, 0, 7, 30]) {
    expect(measureTilt(stroke(degrees), [SIDE, SIDE])).toBeCloseTo(degrees, 3);
  }
});

test('an image without ink, or with one row of it, has tilt 0', () => {
  expect(measureTilt(new Float32Array(SIDE * SIDE), [SIDE, SIDE])).toBe(0);
  expect(measureTilt(new Float32Array(SIDE * SIDE).fill(1, 0, SIDE), [SIDE, SIDE])).toBe(0);
});

test('any quadratic function of the places is explained in full', () => {
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
      const { predictions, rSquared } = fitQuadratic(places, values);
      expect(rSquared).toBeGreaterThan(0.9999);
      for (const [i, value] of values.entries()) expect(predictions[i]).toBeCloseTo(value, 2);
    }),
  );
});

test('hardly any variance of unrelated values is explained', () => {
  const random = new Random(11);
  const places = Float32Array.from({ length: 4000 }, () => random.normal());
  const values = Float32Array.from({ length: 2000 }, () => random.normal());
  const { rSquared } = fitQuadratic(places, values);
  expect(rSquared).toBeGreaterThanOrEqual(0);
  expect(rSquared).toBeLessThan(0.01);
});

test('refuses too few values', () => {
  expect(() => fitQuadratic(new Float32Array(12), new Float32Array(6))).toThrow('at least 7 are needed');
});

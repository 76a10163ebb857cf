import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { shiftImage } from '../../../training/classifiers/shift.ts';

test('shifts the whole image by at most the limit, and fills with 0', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 9 }),
      fc.integer({ min: 3, max: 9 }),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 0, max: 1e6 }),
      (height, width, most, seed) => {
        const image = Float32Array.from({ length: height * width }, (_, i) => i + 1);
        const moved = image.slice();
        shiftImage(moved, [height, width], most, new Random(seed));
        const steps = Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
        const expected = (down: number, right: number) =>
          image.map((_, p) => {
            const [y, x] = [Math.floor(p / width) - down, (p % width) - right];
            return y >= 0 && y < height && x >= 0 && x < width ? image[y * width + x] : 0;
          });
        const moves = steps.flatMap((down) => steps.map((right) => expected(down, right)));
        expect(moves).toContainEqual(moved);
      },
    ),
  );
});

test('all shifts are equally frequent', () => {
  const random = new Random(2);
  const counts = new Map<string, number>();
  for (let i = 0; i < 9000; i++) {
    const image = new Float32Array(25);
    image[12] = 1;
    shiftImage(image, [5, 5], 1, random);
    const key = String(image.indexOf(1));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(9);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

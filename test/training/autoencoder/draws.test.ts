import { expect, test } from 'vitest';
import { numberDraw } from '../../../training/autoencoder/draws.ts';

test('no two pieces of a run share a draw, however many a batch has', () => {
  const draws = [1, 2, 3, 1_000_000].flatMap((step) =>
    Array.from({ length: 5000 }, (_, piece) => numberDraw(step, piece)),
  );
  expect(new Set(draws).size).toBe(draws.length);
  expect(Math.max(...draws)).toBeLessThan(2 ** 53);
});

test('batches of up to 1,024 pieces draw what they always drew', () => {
  expect([numberDraw(1, 0), numberDraw(1, 1023), numberDraw(7, 5)]).toEqual([1024, 2047, 7173]);
});

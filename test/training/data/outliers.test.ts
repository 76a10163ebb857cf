import { expect, test } from 'vitest';
import { outlierSets } from '../../../training/data/outliers.ts';

const images = {
  data: Uint8Array.of(0, 10, 20, 30, 40, 50),
  labels: Uint8Array.of(3),
  count: 1,
  height: 2,
  width: 3,
};

test('an inverted image is its negative; a rotated one is turned clockwise', () => {
  const [, inverted, rotated] = outlierSets(images, 1);
  expect(Array.from(inverted.data)).toEqual([255, 245, 235, 225, 215, 205]);
  expect(Array.from(rotated.data)).toEqual([30, 0, 40, 10, 50, 20]);
});

test('noise is uniform, and a function of the seed', () => {
  const many = { ...images, data: new Uint8Array(50_000) };
  const [[noise], [again], [other]] = [outlierSets(many, 1), outlierSets(many, 1), outlierSets(many, 2)];
  expect(again.data).toEqual(noise.data);
  expect(other.data).not.toEqual(noise.data);
  const counts = new Uint32Array(256);
  for (const value of noise.data) counts[value]++;
  const chiSquared = counts.reduce((sum, c) => sum + (c - 50_000 / 256) ** 2 / (50_000 / 256), 0);
  expect(chiSquared).toBeLessThan(330); // 255 degrees of freedom: above in one draw of a thousand
});

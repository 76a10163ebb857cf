import { expect, test } from 'vitest';
import { averagePictures, countSheets, samplePictures } from '../../../dashboard/data/mean-picture.ts';

test('a mean and a deviation are those of the pictures, whose sheets are read one after another', async () => {
  const asked: number[] = [];
  const sprites = {
    sheetOf: (index: number) => index % 2,
    load: async (index: number) => {
      asked.push(index);
      return Uint8Array.of(10 * index, 255);
    },
  };
  const { mean, deviation, count } = await averagePictures(sprites, [1, 2, 3, 4]);
  expect(asked).toEqual([2, 4, 1, 3]);
  expect(count).toBe(4);
  expect([...mean]).toEqual([25, 255]);
  expect(deviation[0]).toBeCloseTo(Math.sqrt(125), 9);
  expect(deviation[1]).toBe(0);
  expect(countSheets(sprites, [1, 3, 5])).toBe(1);
});

test('of many pictures, some that are evenly spaced are taken', () => {
  expect(samplePictures([4, 8])).toEqual([4, 8]);
  const sample = samplePictures(Array.from({ length: 1000 }, (_, i) => i));
  expect(sample).toHaveLength(400);
  expect(sample.slice(0, 3)).toEqual([0, 2, 5]);
  expect(sample.at(-1)).toBe(997);
});

import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { addPatches, makeOutlierSets } from '../../../training/data/outliers.ts';
import { loadMnist } from '../../../training/data/readers/mnist.ts';

const range = [0, 255] as const;
const scaling = { kind: 'range', low: 0, high: 255 } as const;

describe('outliers of images', () => {
  test('leave the images as they are', async () => {
    const { data } = await loadMnist('test');
    const first = Array.from(data.subarray(0, 784));
    makeOutlierSets({ data, count: data.length / 784, shape: [28, 28, 1], range, scaling }, 1);
    expect(Array.from(data.subarray(0, 784))).toEqual(first);
  });

  test('an inverted image is its negative; a rotated one is turned clockwise', () => {
    const image = { data: Uint8Array.of(0, 10, 20, 30), count: 1, shape: [2, 2, 1], range, scaling };
    const [, inverted, rotated] = makeOutlierSets(image, 1);
    expect(Array.from(inverted.data)).toEqual([255, 245, 235, 225]);
    expect(Array.from(rotated.data)).toEqual([20, 0, 30, 10]);
  });

  test('the channels of a pixel stay together; what is not square is not turned', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    const [, , rotated] = makeOutlierSets({ data, count: 1, shape: [2, 2, 3], range, scaling }, 1);
    expect(Array.from(rotated.data)).toEqual([7, 8, 9, 1, 2, 3, 10, 11, 12, 4, 5, 6]);
    const names = makeOutlierSets({ data, count: 2, shape: [2, 3, 1], range, scaling }, 1).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['noise', 'inverted']);
  });

  test('noise is uniform, and a function of the seed', () => {
    const many = { data: new Uint8Array(50_176), count: 64, shape: [28, 28, 1], range, scaling };
    const [[noise], [again], [other]] = [
      makeOutlierSets(many, 1),
      makeOutlierSets(many, 1),
      makeOutlierSets(many, 2),
    ];
    expect(again.data).toEqual(noise.data);
    expect(other.data).not.toEqual(noise.data);
    const counts = new Uint32Array(256);
    for (const value of noise.data) counts[value]++;
    const chiSquared = counts.reduce((sum, c) => sum + (c - 196) ** 2 / 196, 0);
    expect(chiSquared).toBeLessThan(330); // 255 degrees of freedom: above in one draw of a thousand
  });
});

test('a patch of noise is where it is said to be, and nothing else changes', async () => {
  const { data } = await loadMnist('test');
  const digits = { data: data.subarray(0, 50 * 784), count: 50, shape: [28, 28, 1], range };
  const { data: found, corners, side } = addPatches(digits, new Random(3));
  expect(side).toBe(6);
  for (let i = 0; i < 50; i++) {
    const [top, left] = [Math.floor(corners[i] / 28), corners[i] % 28];
    let changed = 0;
    for (let p = 0; p < 784; p++) {
      const [row, column] = [Math.floor(p / 28), p % 28];
      const inside = row >= top && row < top + 6 && column >= left && column < left + 6;
      if (inside) changed += Number(found[i * 784 + p] !== data[i * 784 + p]);
      else expect(found[i * 784 + p]).toBe(data[i * 784 + p]);
    }
    expect(changed).toBeGreaterThan(25);
    for (const at of [top, left]) {
      expect(at).toBeGreaterThanOrEqual(4);
      expect(at + 6).toBeLessThanOrEqual(24);
    }
  }
});

test('outliers of tables: noise stays within each column’s range; shuffling keeps each column’s values', () => {
  const rows = Float32Array.from({ length: 600 }, (_, p) => (p % 3) * 1000 + Math.floor(p / 3));
  const [noise, shuffled] = makeOutlierSets(
    {
      data: rows,
      count: 200,
      shape: [3],
      range: null,
      scaling: { kind: 'standard', mean: [0, 0, 0], deviation: [1, 1, 1] },
    },
    1,
  );
  for (let j = 0; j < 3; j++) {
    const column = (values: ArrayLike<number>) => Array.from(values).filter((_, p) => p % 3 === j);
    for (const value of column(noise.data)) {
      expect(value).toBeGreaterThanOrEqual(1000 * j);
      expect(value).toBeLessThanOrEqual(1000 * j + 199);
    }
    expect(column(shuffled.data)).not.toEqual(column(rows));
    expect(column(shuffled.data).sort((a, b) => a - b)).toEqual(column(rows));
  }
});

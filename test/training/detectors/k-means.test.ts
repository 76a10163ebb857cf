import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { kMeans } from '../../../training/detectors/k-means.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { distance, rowAt, rowsOf } from './points.ts';

const K = 4;
const at = [
  [0, 0, 0],
  [30, 0, 0],
  [0, 30, 0],
  [0, 0, 30],
];
const blobs = rowsOf(400, (random, i) => at[i % K].map((value) => value + random.normal()));

const centre = (centres: Float64Array, c: number, d: number) => [...centres.subarray(c * d, (c + 1) * d)];

/** The mean of the rows of each cluster. */
const meansOf = (rows: Matrix, labels: Uint32Array, k: number) =>
  Array.from({ length: k }, (_, c) => {
    const own = Array.from(labels.keys()).filter((i) => labels[i] === c);
    return Array.from(
      { length: rows.d },
      (_, j) => own.reduce((sum, i) => sum + rowAt(rows, i)[j], 0) / own.length,
    );
  });

describe('k-means', () => {
  test('every row belongs to the nearest centre', () => {
    const few = rowsOf(80, (random) => [random.uniform(), random.uniform(), random.uniform()]);
    for (const rows of [blobs, few]) {
      const { centres, labels } = kMeans(rows, K, new Random(1));
      for (let i = 0; i < rows.n; i++) {
        const away = Array.from({ length: K }, (_, c) => distance(rowAt(rows, i), centre(centres, c, 3)));
        expect(labels[i]).toBe(away.indexOf(Math.min(...away)));
      }
    }
  });

  test('every centre is the mean of its rows, even if there are no clusters', () => {
    const spread = rowsOf(900, (random) => [random.uniform(), random.uniform()]);
    for (const [rows, k] of [
      [blobs, K],
      [spread, 12],
    ] as const) {
      const { centres, labels } = kMeans(rows, k, new Random(1));
      for (const [c, mean] of meansOf(rows, labels, k).entries())
        for (const [j, value] of mean.entries()) expect(centres[c * rows.d + j]).toBeCloseTo(value, 8);
    }
  });

  test('finds clusters far apart, for any seed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { labels } = kMeans(blobs, K, new Random(seed));
      const pairs = new Set(Array.from(labels, (label, i) => `${label} ${i % K}`));
      expect(pairs.size).toBe(K);
    }
  });

  test('the sum of squares is far below that of centres drawn at random', () => {
    const rows = rowsOf(500, (random) => [random.uniform(), random.uniform()]);
    const within = (centres: Float64Array) => {
      let sum = 0;
      for (let i = 0; i < rows.n; i++)
        sum +=
          Math.min(...Array.from({ length: 9 }, (_, c) => distance(rowAt(rows, i), centre(centres, c, 2)))) **
          2;
      return sum;
    };
    const random = new Random(3);
    const drawn = Float64Array.from({ length: 18 }, () => random.uniform());
    // Of a square cut in nine, a side of a third: 2/12 · 1/9 a row.
    expect(within(kMeans(rows, 9, random).centres)).toBeLessThan((1.15 * 500 * 2) / 12 / 9);
    expect(within(drawn)).toBeGreaterThan((1.15 * 500 * 2) / 12 / 9);
  });

  test('is the same for the same seed', () => {
    expect(kMeans(blobs, K, new Random(5))).toEqual(kMeans(blobs, K, new Random(5)));
  });

  test('for equal rows, every centre is that row', () => {
    const { centres, labels } = kMeans(
      rowsOf(10, () => [1, 2]),
      3,
      new Random(1),
    );
    expect([...centres]).toEqual([1, 2, 1, 2, 1, 2]);
    expect(new Set(labels).size).toBe(1);
  });
});

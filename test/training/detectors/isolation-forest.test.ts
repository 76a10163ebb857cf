import { describe, expect, test } from 'vitest';
import { auroc } from '../../../bundle/metrics.ts';
import {
  averagePathLength,
  growForest,
  isolationForest,
} from '../../../training/detectors/isolation-forest.ts';
import { runDetector } from '../../../training/detectors/run.ts';
import { clusters, matrix, rowAt, rowsOf } from './points.ts';

describe('isolation forest', () => {
  test('the score is that of walking down every tree', async () => {
    const train = clusters(700);
    const forest = growForest(train, 7);
    const fresh = clusters(60, 2);
    const scores = await runDetector(await isolationForest.fit(train, { seed: 7 }), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const row = rowAt(fresh, i);
      let sum = 0;
      for (let tree = 0; tree < 100; tree++) {
        let node = tree;
        for (let level = 0; level < 8; level++) {
          const value = row[forest.columns[level][node]];
          node = 2 * node + Number(value >= forest.thresholds[level][node]);
        }
        sum += forest.lengths[node];
      }
      expect(scores[i]).toBeCloseTo(2 ** (-sum / 100 / averagePathLength(256)), 5);
    }
  });

  test('does not split values that differ in their last digits alone', () => {
    const filled = rowsOf(500, (random) => [
      random.uniform() < 0.5 ? 1e-7 * random.normal() : 1 + random.uniform(),
    ]);
    const { thresholds } = growForest(filled, 7);
    const within = thresholds.flatMap((level) => [...level].filter((t) => t !== 0 && Math.abs(t) < 1e-5));
    expect(within).toEqual([]);
  });

  test('splits ordinary values as finely as before beside one that is far off', () => {
    const values = rowsOf(256, (random) => [random.normal()]).values;
    const lengths = (rows: Float32Array) =>
      new Set(growForest({ values: rows, n: 256, d: 1 }, 7).lengths).size;
    const before = lengths(values);
    expect(before).toBeGreaterThan(5);
    expect(lengths(values.with(0, 1e6))).toBeGreaterThan(before / 2);
  });

  test('a value at a threshold goes where the rows at it went', async () => {
    const train = rowsOf(500, (random) => [random.normal()]);
    const { columns, thresholds, lengths } = growForest(train, 7);
    expect(Math.max(...columns[0])).toBe(0);
    const fresh = matrix(Array.from(thresholds[0], (threshold) => [threshold]));
    const scores = await runDetector(await isolationForest.fit(train, { seed: 7 }), fresh);
    for (let i = 0; i < fresh.n; i++) {
      let sum = 0;
      for (let tree = 0; tree < 100; tree++) {
        let node = tree;
        for (const level of thresholds) node = 2 * node + Number(fresh.values[i] >= level[node]);
        sum += lengths[node];
      }
      expect(scores[i]).toBeCloseTo(2 ** (-sum / 100 / averagePathLength(256)), 5);
    }
  });

  test('c(n) is the average path of an unsuccessful search in random binary search trees', () => {
    expect(averagePathLength(1)).toBe(0);
    expect(averagePathLength(2)).toBe(1);
    for (const n of [50, 256]) {
      let harmonic = 0;
      for (let i = 1; i < n; i++) harmonic += 1 / i;
      expect(averagePathLength(n)).toBeCloseTo(2 * harmonic - (2 * (n - 1)) / n, 1);
    }
  });

  test('rows that are split apart are in different leaves: the paths of the training rows fill each tree', () => {
    const train = rowsOf(256, (random) => [random.normal(), random.normal()]);
    const { lengths, depth } = growForest(train, 1);
    expect(depth).toBe(8);
    for (let tree = 0; tree < 100; tree++) {
      const own = lengths.subarray(tree * 256, (tree + 1) * 256);
      expect(Math.min(...own)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...own)).toBeLessThanOrEqual(8 + averagePathLength(256));
    }
  });

  test('ordinary rows score about a half, and far ones more', async () => {
    const draw = (random: { normal(): number }) => Array.from({ length: 6 }, () => random.normal());
    const fitted = await isolationForest.fit(rowsOf(2000, draw), { seed: 1 });
    const usual = await runDetector(fitted, rowsOf(500, draw, 2));
    const far = await runDetector(
      fitted,
      rowsOf(200, (random) => draw(random).map((value) => 4 + value), 3),
    );
    const mean = usual.reduce((a, b) => a + b) / usual.length;
    expect(mean).toBeGreaterThan(0.38);
    expect(mean).toBeLessThan(0.52);
    expect(auroc(usual, far)).toBeGreaterThan(0.99);
  });

  test('equal rows are never split and score a half', async () => {
    const fitted = await isolationForest.fit(
      rowsOf(300, () => [1, 2]),
      { seed: 1 },
    );
    const scores = await runDetector(
      fitted,
      matrix([
        [1, 2],
        [9, 9],
      ]),
    );
    expect([...scores]).toEqual([0.5, 0.5]);
  });
});

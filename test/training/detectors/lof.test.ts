import { describe, expect, test } from 'vitest';
import { lof } from '../../../training/detectors/lof.ts';
import { runDetector } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { clusters, distance, matrix, rowAt, rowsOf } from './points.ts';

/** Definitions 3 to 7 of the paper, point by point, for a row that is not a training row. */
function defined(train: Matrix, row: readonly number[], k: number): number {
  const nearest = (from: readonly number[], self = -1) =>
    Array.from({ length: train.n }, (_, j) => ({ j, d: distance(from, rowAt(train, j)) }))
      .filter(({ j }) => j !== self)
      .sort((a, b) => a.d - b.d)
      .slice(0, k);
  const kDistance = (j: number) => nearest(rowAt(train, j), j)[k - 1].d;
  const density = (neighbours: { j: number; d: number }[]) =>
    1 / (neighbours.reduce((sum, { j, d }) => sum + Math.max(kDistance(j), d), 0) / k);
  const own = nearest(row);
  const others = own.map(({ j }) => density(nearest(rowAt(train, j), j)));
  return others.reduce((a, b) => a + b, 0) / k / density(own);
}

describe('the local outlier factor', () => {
  test('equals the definition, near and far', async () => {
    const train = rowsOf(90, (random, i) => {
      const spread = i < 30 ? 0.1 : 1;
      return [
        random.normal() * spread + (i < 30 ? 6 : 0),
        random.normal() * spread,
        random.normal() * spread,
      ];
    });
    const fresh = matrix([
      [6, 0, 0],
      [6.5, 0.4, 0],
      [0.3, 0.2, -0.1],
      [3, 0, 0],
      [50, -80, 10],
    ]);
    const scores = await runDetector(await lof.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const expected = defined(train, rowAt(fresh, i), 20);
      expect(scores[i] / expected, `row ${i}`).toBeCloseTo(1, 4);
    }
  });

  test('with fewer than 21 rows, all others are neighbours', async () => {
    const train = clusters(7);
    const fresh = clusters(3, 2);
    const scores = await runDetector(await lof.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < 3; i++) expect(scores[i] / defined(train, rowAt(fresh, i), 6)).toBeCloseTo(1, 4);
  });

  test('is about 1 in a cluster of any density, and finds local outliers', async () => {
    const train = rowsOf(600, (random, i) => {
      const spread = i % 2 ? 0.01 : 1;
      return [(i % 2 ? 10 : 0) + spread * random.normal(), spread * random.normal()];
    });
    const fresh = matrix([
      [10, 0],
      [0, 0],
      [10.2, 0],
    ]);
    const [dense, sparse, beside] = await runDetector(await lof.fit(train, { seed: 1 }), fresh);
    expect(dense).toBeLessThan(1.3);
    expect(sparse).toBeLessThan(1.3);
    expect(beside).toBeGreaterThan(5);
  });

  test('a row with more copies than neighbours is ordinary, and scores next to it are finite', async () => {
    const train = rowsOf(100, (random, i) => (i < 60 ? [1, 2] : [random.normal(), random.normal()]));
    const fresh = matrix([
      [1, 2],
      [1.1, 2],
    ]);
    const [copy, next] = await runDetector(await lof.fit(train, { seed: 1 }), fresh);
    expect(copy).toBeCloseTo(1, 4);
    expect(next).toBeGreaterThan(100);
    expect(next).toBeLessThan(1e9);
  });
});

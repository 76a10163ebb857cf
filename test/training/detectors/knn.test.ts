import { describe, expect, test } from 'vitest';
import { type Detector, fitDetector } from '../../../training/detectors/detector.ts';
import { createKnn, knn, knn5Percent, knnMean } from '../../../training/detectors/knn.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import { sampleRows } from '../../../training/detectors/sample.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { clusters, distance, matrix, rowAt, rowsOf } from './points.ts';

/** The k nearest of the training rows, the nearest first. */
const closest = (train: Matrix, row: readonly number[], k: number) =>
  Array.from({ length: train.n }, (_, j) => rowAt(train, j))
    .map((other) => ({ other, away: distance(row, other) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, k);

const kth = (train: Matrix, row: readonly number[], k: number) => closest(train, row, k)[k - 1].away;
const meanOf = (train: Matrix, row: readonly number[], k: number) =>
  closest(train, row, k).reduce((sum, { away }) => sum + away, 0) / k;

const cases: [string, Detector, typeof kth, number][] = [
  ['knn is the distance to the fifth nearest', knn, kth, 5],
  ['knn_mean is the mean distance to the ten nearest', knnMean, meanOf, 10],
];

describe.each(cases)('%s', (_name, detector, defined, k) => {
  test('equals the definition for rows near and far', async () => {
    const train = clusters(250);
    const fresh = matrix([...Array.from({ length: 30 }, (_, i) => rowAt(clusters(30, 2), i)), [90, -40, 7]]);
    const scores = await runDetector(await detector.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < fresh.n; i++)
      expect(scores[i], `row ${i}`).toBeCloseTo(defined(train, rowAt(fresh, i), k), 3);
  });

  test('is as precise as the differences for rows far from the origin', async () => {
    const shifted = (seed: number) =>
      rowsOf(200, (random) => Array.from({ length: 4 }, () => 4096 + random.normal()), seed);
    const [train, fresh] = [shifted(1), shifted(2)];
    const scores = await runDetector(await detector.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < fresh.n; i++)
      expect(scores[i], `row ${i}`).toBeCloseTo(defined(train, rowAt(fresh, i), k), 2);
  });

  test('the shares are mean squared distances to the neighbours, column by column', async () => {
    const [train, fresh] = [clusters(250), clusters(20, 2)];
    const fitted = await detector.fit(train, { seed: 1 });
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const row = rowAt(fresh, i);
      const near = closest(train, row, k);
      for (let j = 0; j < fresh.d; j++) {
        const expected = near.reduce((sum, { other }) => sum + (row[j] - other[j]) ** 2, 0) / k;
        // Which of two rows at the same distance is the k-th depends on the last bits.
        expect(shares[i * fresh.d + j], `row ${i}, column ${j}`).toBeCloseTo(expected, 3);
      }
    }
  });

  test('a training row is its own nearest neighbour', async () => {
    const train = rowsOf(40, (random) => [random.normal(), random.normal()]);
    const scores = await runDetector(await detector.fit(train, { seed: 1 }), train);
    for (let i = 0; i < train.n; i++) expect(scores[i]).toBeCloseTo(defined(train, rowAt(train, i), k), 3);
  });

  test('needs more rows than neighbours', async () => {
    await expect(fitDetector(detector, clusters(k), { seed: 1 })).rejects.toThrow(
      `${detector.name} needs at least ${k + 1} rows, there are ${k}`,
    );
    await expect(detector.fit(clusters(k + 1), { seed: 1 })).resolves.toBeDefined();
  });
});

test('distances are to the kept sample only', async () => {
  const train = rowsOf(300, (random, i) => [i, random.normal()]);
  const some = createKnn('some', 3, 'kth', 60);
  const fresh = rowsOf(20, (random) => [300 * random.uniform(), random.normal()], 2);
  const scores = await runDetector(await some.fit(train, { seed: 7 }), fresh);
  const kept = sampleRows(train, 60, { seed: 7 });
  for (let i = 0; i < fresh.n; i++) expect(scores[i]).toBeCloseTo(kth(kept, rowAt(fresh, i), 3), 3);
});

describe('knn_5_percent is the distance to the farthest of the nearest 5%', () => {
  test.each([
    [40, 5],
    [400, 20],
    [500, 25],
    [5000, 25],
  ])('of %i rows, 500 of which are kept at most: %i', async (n, k) => {
    const train = rowsOf(n, (random) => [random.normal(), 3 * random.normal(), random.uniform()]);
    const fresh = rowsOf(10, (random) => [2 * random.normal(), random.normal(), 5], 2);
    const scores = await runDetector(await knn5Percent.fit(train, { seed: 7 }), fresh);
    const kept = sampleRows(train, 500, { seed: 7 });
    for (let i = 0; i < fresh.n; i++) expect(scores[i]).toBeCloseTo(kth(kept, rowAt(fresh, i), k), 3);
  });

  test('the shares are mean squared distances to ten of them, from near to far', async () => {
    const [train, fresh] = [clusters(500), clusters(20, 2)];
    const shares = await runSubgraph((await knn5Percent.fit(train, { seed: 1 })).shares!, fresh);
    for (let i = 0; i < fresh.n; i++) {
      const row = rowAt(fresh, i);
      // k is 25, so the 2nd, 5th, 7th, 10th, …, 25th.
      const near = closest(train, row, 25).filter((_, place) =>
        [1, 4, 6, 9, 11, 14, 16, 19, 21, 24].includes(place),
      );
      for (let j = 0; j < fresh.d; j++) {
        const expected = near.reduce((sum, { other }) => sum + (row[j] - other[j]) ** 2, 0) / 10;
        expect(shares[i * fresh.d + j], `row ${i}, column ${j}`).toBeCloseTo(expected, 3);
      }
    }
  });

  test('a cluster of 4% of the rows is far from everything', async () => {
    const train = rowsOf(1000, (random, i) => [(i < 40 ? 12 : 0) + random.normal(), random.normal()]);
    const inside = matrix([[12, 0]]);
    const [own] = await runDetector(await knn5Percent.fit(train, { seed: 1 }), inside);
    const [other] = await runDetector(await knn.fit(train, { seed: 1 }), inside);
    expect(own).toBeGreaterThan(8);
    expect(other).toBeLessThan(1);
  });

  test('looks past a rare flag, and narrows a frequent one to two deviations', async () => {
    // The first is set in 2% of the rows and 7 deviations wide, the second in 10% and 4 wide.
    const train = rowsOf(500, (random, i) => [i % 50 === 0 ? 7 : 0, i % 10 === 1 ? 4 : 0, random.normal()]);
    const fresh = matrix([
      [7, 0, 0.3],
      [0, 0, 0.3],
      [0, 4, 2],
    ]);
    const [rare, usual, frequent] = await runDetector(await knn5Percent.fit(train, { seed: 1 }), fresh);
    expect(rare).toBe(usual);
    const seen = { ...train, values: train.values.map((value, p) => [0, value / 2, value][p % 3]) };
    expect(frequent).toBeCloseTo(kth(seen, [0, 2, 2], 25), 4);
    const flags = rowsOf(500, (_, i) => [i % 50 === 0 ? 7 : 0]);
    const scores = await runDetector(await knn5Percent.fit(flags, { seed: 1 }), matrix([[7], [0]]));
    expect([...scores]).toEqual([2, 0]);
  });
});

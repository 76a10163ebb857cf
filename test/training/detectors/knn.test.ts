import { describe, expect, test } from 'vitest';
import { type Detector, fitDetector } from '../../../training/detectors/detector.ts';
import { knn, knnMean, nearest, sample } from '../../../training/detectors/knn.ts';
import { runSubgraph, scoreRows } from '../../../training/detectors/run.ts';
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
  test('of rows near and far', async () => {
    const train = clusters(250);
    const fresh = matrix([...Array.from({ length: 30 }, (_, i) => rowAt(clusters(30, 2), i)), [90, -40, 7]]);
    const scores = await scoreRows(await detector.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < fresh.n; i++)
      expect(scores[i], `row ${i}`).toBeCloseTo(defined(train, rowAt(fresh, i), k), 3);
  });

  test('of rows far from the origin, to the precision of their differences', async () => {
    const shifted = (seed: number) =>
      rowsOf(200, (random) => Array.from({ length: 4 }, () => 4096 + random.normal()), seed);
    const [train, fresh] = [shifted(1), shifted(2)];
    const scores = await scoreRows(await detector.fit(train, { seed: 1 }), fresh);
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
        // Which of two rows as far is the k-th is anyone's guess, and told by the last bits.
        expect(shares[i * fresh.d + j], `row ${i}, column ${j}`).toBeCloseTo(expected, 3);
      }
    }
  });

  test('a training row is its own neighbour', async () => {
    const train = rowsOf(40, (random) => [random.normal(), random.normal()]);
    const scores = await scoreRows(await detector.fit(train, { seed: 1 }), train);
    for (let i = 0; i < train.n; i++) expect(scores[i]).toBeCloseTo(defined(train, rowAt(train, i), k), 3);
  });

  test('needs more rows than neighbours', async () => {
    await expect(fitDetector(detector, clusters(k), { seed: 1 })).rejects.toThrow(
      `${detector.name} needs at least ${k + 1} rows, there are ${k}`,
    );
    await expect(detector.fit(clusters(k + 1), { seed: 1 })).resolves.toBeDefined();
  });
});

describe('of many rows a sample is kept', () => {
  const train = rowsOf(300, (random, i) => [i, random.normal()]);

  test('without replacement, in the order of the rows, the same for the same seed', () => {
    const kept = sample(train, 100, { seed: 7 });
    expect(kept.n).toBe(100);
    const numbers = Array.from({ length: 100 }, (_, i) => rowAt(kept, i)[0]);
    for (let i = 1; i < 100; i++) expect(numbers[i]).toBeGreaterThan(numbers[i - 1]);
    for (const [i, number] of numbers.entries()) expect(rowAt(kept, i)).toEqual(rowAt(train, number));
    expect(sample(train, 100, { seed: 7 })).toEqual(kept);
    expect(sample(train, 100, { seed: 8 })).not.toEqual(kept);
  });

  test('from everywhere: no row is favoured', () => {
    const chosen = new Float64Array(300);
    for (let seed = 0; seed < 400; seed++) {
      const kept = sample(train, 100, { seed });
      for (let i = 0; i < 100; i++) chosen[rowAt(kept, i)[0]]++;
    }
    // Binomial with 400 draws of a third: 133 ± 9.4, five deviations off at most.
    expect(Math.min(...chosen)).toBeGreaterThan(86);
    expect(Math.max(...chosen)).toBeLessThan(181);
  });

  test('of few, all', () => {
    expect(sample(train, 300, { seed: 7 })).toBe(train);
  });

  test('distances are to the sample alone', async () => {
    const some = nearest('some', 3, 'kth', 60);
    const fresh = rowsOf(20, (random) => [300 * random.uniform(), random.normal()], 2);
    const scores = await scoreRows(await some.fit(train, { seed: 7 }), fresh);
    const kept = sample(train, 60, { seed: 7 });
    for (let i = 0; i < fresh.n; i++) expect(scores[i]).toBeCloseTo(kth(kept, rowAt(fresh, i), 3), 3);
  });
});

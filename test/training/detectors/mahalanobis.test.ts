import { describe, expect, test } from 'vitest';
import { fitDetector } from '../../../training/detectors/detector.ts';
import { ledoitWolf, mahalanobis } from '../../../training/detectors/mahalanobis.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { drops, inverted, plainMoments, quadratic } from './gauss-jordan.ts';
import { clusters, rowAt, rowsOf } from './points.ts';

const rowsIn = (rows: Matrix) => Array.from({ length: rows.n }, (_, i) => rowAt(rows, i));

/** Σ* = b²/d² m I + a²/d² S, with the sums over all entries of all matrices that the paper writes (section 3.2). */
function shrunk(rows: Matrix) {
  const data = rowsIn(rows);
  const { mean, covariance: s } = plainMoments(data);
  const p = mean.length;
  const norm = (entry: (j: number, k: number) => number) => {
    let sum = 0;
    for (let j = 0; j < p; j++) for (let k = 0; k < p; k++) sum += entry(j, k) ** 2;
    return sum / p;
  };
  const m = s.reduce((sum, row, j) => sum + row[j], 0) / p;
  const d2 = norm((j, k) => s[j][k] - (j === k ? m : 0));
  const centred = data.map((row) => row.map((value, j) => value - mean[j]));
  const bar = centred.reduce((sum, x) => sum + norm((j, k) => x[j] * x[k] - s[j][k]), 0) / data.length ** 2;
  const b2 = Math.min(bar, d2);
  const covariance = s.map((row, j) =>
    row.map((value, k) => ((d2 - b2) / d2) * value + (j === k ? (b2 / d2) * m : 0)),
  );
  return { mean, covariance, shrinkage: b2 / d2 };
}

const mixed = (n: number, d: number, seed = 1) =>
  rowsOf(
    n,
    (random) => {
      const common = random.normal();
      return Array.from({ length: d }, (_, j) => (1 + j / 4) * (random.normal() + common) + j);
    },
    seed,
  );

describe('covariance by Ledoit and Wolf', () => {
  test.each([
    [400, 6],
    [30, 12],
    [8, 20],
  ])('is the double sum of the paper for %i rows of %i columns', (n, d) => {
    const rows = mixed(n, d);
    const expected = shrunk(rows);
    const found = ledoitWolf(rows);
    expect(found.shrinkage).toBeCloseTo(expected.shrinkage, 8);
    for (let j = 0; j < d; j++) {
      expect(found.mean[j]).toBeCloseTo(expected.mean[j], 8);
      for (let k = 0; k < d; k++)
        expect(found.covariance[j * d + k]).toBeCloseTo(expected.covariance[j][k], 3);
    }
  });

  test('fewer rows are shrunk more, and never beyond the identity', () => {
    const shares = [1000, 100, 20, 5].map((n) => ledoitWolf(mixed(n, 10)).shrinkage);
    expect(shares.toSorted()).toEqual(shares);
    expect(shares[0]).toBeLessThan(0.05);
    const round = rowsOf(20, (random) => Array.from({ length: 10 }, () => random.normal()));
    expect(ledoitWolf(round).shrinkage).toBeGreaterThan(0.8);
    expect(ledoitWolf(round).shrinkage).toBeLessThanOrEqual(1);
  });
});

describe('Mahalanobis distance', () => {
  test.each([
    ['many rows', mixed(400, 6), mixed(25, 6, 2)],
    ['fewer rows than columns', mixed(8, 20), mixed(25, 20, 2)],
    ['clusters', clusters(300), clusters(25, 2)],
    ['one column', mixed(50, 1), mixed(25, 1, 2)],
  ])('is that with the explicit inverse, squared: %s', async (_name, train, fresh) => {
    const d = train.d;
    const { mean, covariance } = d === 1 ? plainMoments(rowsIn(train)) : shrunk(train);
    const { inverse } = inverted(covariance);
    const scores = await runDetector(await mahalanobis.fit(train, { seed: 1 }), fresh);
    for (const [i, row] of rowsIn(fresh).entries()) {
      const expected = quadratic(
        inverse,
        row.map((value, j) => value - mean[j]),
      );
      expect(scores[i] / expected, `row ${i}`).toBeCloseTo(1, 3);
    }
  });

  test('a share is how much smaller the score is without the column in Σ', async () => {
    const [train, fresh] = [mixed(300, 5), mixed(20, 5, 2)];
    const { mean, covariance } = shrunk(train);
    const fitted = await mahalanobis.fit(train, { seed: 1 });
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
    for (const [i, row] of rowsIn(fresh).entries()) {
      const expected = drops(
        covariance,
        row.map((value, j) => value - mean[j]),
      );
      for (const [j, value] of expected.entries())
        expect(shares[i * 5 + j], `row ${i}, column ${j}`).toBeCloseTo(value, 2);
    }
  });

  test('averages the number of columns for rows like the training rows', async () => {
    const scores = await runDetector(await mahalanobis.fit(mixed(4000, 6), { seed: 1 }), mixed(4000, 6, 2));
    expect(scores.reduce((a, b) => a + b) / 4000).toBeCloseTo(6, 0);
  });

  test('refuses a single row', async () => {
    await expect(fitDetector(mahalanobis, mixed(1, 3), { seed: 1 })).rejects.toThrow(
      'mahalanobis needs at least 2 rows, there are 1',
    );
  });
});

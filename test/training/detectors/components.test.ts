import { Matrix as Dense, EigenvalueDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { pcaMajor, pcaMinor } from '../../../training/detectors/components.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import { matrix, rowAt, rowsOf } from './points.ts';

/** Columns with two common factors, one much larger than the other. */
const draw = (random: { normal(): number }) => {
  const [a, b] = [3 * random.normal(), 1.5 * random.normal()];
  return [a, a + b, a - b, b, 0].map((value, j) => value + 0.2 * (1 + j) * random.normal() + j);
};
const train = rowsOf(500, draw);
const fresh = rowsOf(40, draw, 2);
const options = { seed: 1 };

/** Eigenvectors with their variances, the largest first. */
function decomposed() {
  const { n, d } = train;
  const mean = Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += train.values[i * d + j];
    return sum / n;
  });
  const covariance = new Dense(d, d);
  for (let i = 0; i < n; i++) {
    const row = rowAt(train, i).map((value, j) => value - mean[j]);
    for (let j = 0; j < d; j++)
      for (let k = 0; k < d; k++) covariance.set(j, k, covariance.get(j, k) + (row[j] * row[k]) / n);
  }
  const found = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const pairs = found.realEigenvalues.map((variance, c) => ({
    variance,
    vector: found.eigenvectorMatrix.getColumn(c),
  }));
  return { mean, pairs: pairs.sort((a, b) => b.variance - a.variance) };
}

describe('squared projections divided by their variances', () => {
  const { mean, pairs } = decomposed();
  const total = pairs.reduce((sum, { variance }) => sum + variance, 0);
  const half = pairs.findIndex((_, i) => {
    const first = pairs.slice(0, i + 1).reduce((sum, { variance }) => sum + variance, 0);
    return first >= total / 2;
  });
  const cases = [
    { detector: pcaMajor, taken: pairs.slice(0, half + 1) },
    { detector: pcaMinor, taken: pairs.filter(({ variance }) => variance < (0.2 * total) / 5) },
  ];

  for (const { detector, taken } of cases) {
    test(`${detector.name} sums over its components, and the shares sum to the score`, async () => {
      expect(taken.length).toBeGreaterThan(0);
      const fitted = await detector.fit(train, options);
      const scores = await runDetector(fitted, fresh);
      const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
      for (let i = 0; i < fresh.n; i++) {
        const row = rowAt(fresh, i).map((value, j) => value - mean[j]);
        const expected = taken.reduce((sum, { variance, vector }) => {
          const along = vector.reduce((dot, v, j) => dot + v * row[j], 0);
          return sum + along ** 2 / variance;
        }, 0);
        expect(scores[i] / expected).toBeCloseTo(1, 3);
        const own = shares.subarray(i * 5, i * 5 + 5);
        expect(Math.min(...own)).toBeGreaterThanOrEqual(0);
        expect(own.reduce((a, b) => a + b) / expected).toBeCloseTo(1, 3);
      }
    });
  }

  test('the minor components find a broken relation that the major ones miss', async () => {
    const usual = [3, 4, 5, 3, 4];
    const broken = [3, 4, 5, 6, 4];
    for (const [detector, rises] of [
      [pcaMajor, false],
      [pcaMinor, true],
    ] as const) {
      const scores = await runDetector(await detector.fit(train, options), matrix([usual, broken]));
      expect(scores[1] > scores[0] + 5, detector.name).toBe(rises);
    }
  });

  test('the share of the column that breaks the relation is the largest', async () => {
    const rows = rowsOf(400, (random) => {
      const a = random.normal();
      return Array.from({ length: 8 }, () => a + 0.05 * random.normal());
    });
    const fitted = await pcaMinor.fit(rows, options);
    const shares = await runSubgraph(
      (graph, x) => fitted.shares!(graph, x),
      matrix([[0, 0, 0, 0, 0, 2, 0, 0]]),
    );
    expect(shares.indexOf(Math.max(...shares))).toBe(5);
  });
});

import { describe, expect, test } from 'vitest';
import { fitDetector } from '../../../training/detectors/detector.ts';
import { createMixture, mixture } from '../../../training/detectors/mixture.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { drops, inverted, plainMoments, quadratic } from './gauss-jordan.ts';
import { clusters, matrix, rowAt, rowsOf } from './points.ts';

const options = { seed: 1 };
const rowsIn = (rows: Matrix) => Array.from({ length: rows.n }, (_, i) => rowAt(rows, i));

/** Rows standardised by the training rows: each column less its mean, divided by its deviation. */
function unitsOf(train: Matrix) {
  const { mean, covariance } = plainMoments(rowsIn(train));
  return (row: readonly number[]) =>
    row.map((value, j) => (value - mean[j]) / (Math.sqrt(covariance[j][j]) || 1));
}

/** The Gaussian of rows, with the ridge added to every variance. */
function gaussianOf(rows: readonly (readonly number[])[], ridge: number) {
  const { mean, covariance } = plainMoments(rows);
  const raised = covariance.map((row, j) => row.map((value, k) => value + (j === k ? ridge : 0)));
  const { inverse, logDet } = inverted(raised);
  const away = (x: readonly number[]) => x.map((value, j) => value - mean[j]);
  const height = -0.5 * (logDet + mean.length * Math.log(2 * Math.PI));
  return {
    raised,
    away,
    height,
    half: (x: readonly number[]) => 0.5 * quadratic(inverse, away(x)),
  };
}

const correlated = (n: number, seed = 1) =>
  rowsOf(
    n,
    (random) => {
      const z = random.normal();
      return [100 * (z + 0.3 * random.normal()), 5 - z + 0.5 * random.normal(), random.normal() / 50, 8];
    },
    seed,
  );

/** Three clusters of different shapes and sizes: the first has half of the rows, the last a sixth. */
const kindOf = (i: number) => (i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2);
const apart = (n: number, seed = 1) =>
  rowsOf(
    n,
    (random, i) => {
      const [a, b, c] = [random.normal(), random.normal(), random.normal()];
      if (kindOf(i) === 0) return [a, a + 0.5 * b, c];
      if (kindOf(i) === 1) return [60 + 2 * a, b, 40 + c - b];
      return [a - c, 70 + 0.3 * b, 3 * c - 30];
    },
    seed,
  );

describe('a mixture of one Gaussian', () => {
  test.each([0.1, 0.001])(
    'is half the squared Mahalanobis distance in standardised columns: ridge %f',
    async (ridge) => {
      const train = correlated(400);
      const fresh = correlated(30, 2);
      const units = unitsOf(train);
      const { half } = gaussianOf(rowsIn(train).map(units), ridge);
      const one = createMixture('one', { components: 1, ridge });
      const scores = await runDetector(await one.fit(train, options), fresh);
      for (const [i, row] of rowsIn(fresh).entries()) expect(scores[i]).toBeCloseTo(half(units(row)), 2);
    },
  );

  test('does not depend on the units of the columns', async () => {
    const [train, fresh] = [clusters(300), clusters(30, 2)];
    const other = (rows: Matrix): Matrix => ({
      ...rows,
      values: rows.values.map((value, p) => [1024 * value, value / 512, value + 3][p % 3]),
    });
    const plain = await runDetector(await mixture.fit(train, options), fresh);
    const changed = await runDetector(await mixture.fit(other(train), options), other(fresh));
    for (const [i, score] of plain.entries()) expect(changed[i]).toBeCloseTo(score, 1);
  });
});

describe('a mixture of three, fitted to three clusters far apart', () => {
  const ridge = 0.01;
  const train = apart(900);
  const units = unitsOf(train);
  const own = [0, 1, 2].map((kind) => ({
    share: [1 / 2, 1 / 3, 1 / 6][kind],
    ...gaussianOf(
      rowsIn(train)
        .filter((_, i) => kindOf(i) === kind)
        .map(units),
      ridge,
    ),
  }));
  const three = createMixture('three', { components: 3, ridge });

  test('is how far the log-density lies below the log of Σ π (2π)^(−d/2) |Σ|^(−½), all peaks in one place', async () => {
    const fresh = apart(60, 2);
    const scores = await runDetector(await three.fit(train, options), fresh);
    const peak = Math.log(own.reduce((sum, { share, height }) => sum + share * Math.exp(height), 0));
    for (const [i, row] of rowsIn(fresh).entries()) {
      const x = units(row);
      const density = own.reduce(
        (sum, { share, height, half }) => sum + share * Math.exp(height - half(x)),
        0,
      );
      expect(Math.abs(scores[i] - (peak - Math.log(density))), `row ${i}`).toBeLessThan(0.03);
    }
  });

  test('has the shares of the responsible cluster', async () => {
    const fresh = apart(30, 2);
    const fitted = await three.fit(train, options);
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
    for (const [i, row] of rowsIn(fresh).entries()) {
      const { raised, away } = own[kindOf(i)];
      for (const [j, expected] of drops(raised, away(units(row))).entries())
        expect(Math.abs(shares[i * 3 + j] - expected), `row ${i}, column ${j}`).toBeLessThan(
          0.02 * (1 + expected),
        );
    }
  });

  test('no score is negative, and far ones are finite', async () => {
    const fitted = await three.fit(train, options);
    const far = rowsOf(20, (random) => [1e4 * random.normal(), 1e4 * random.normal(), 1e4 * random.normal()]);
    const scores = await runDetector(fitted, far);
    for (const score of scores) expect(Number.isFinite(score)).toBe(true);
    for (const score of await runDetector(fitted, train)) expect(score).toBeGreaterThan(-1e-3);
  });
});

/** Two overlapping Gaussians on a line: k-means cuts them apart, expectation–maximisation must not. */
const WEIGHTS = [0.7, 0.3];
const MIDDLES = [0, 2.5];
const WIDTHS = [1, 0.5];
const overlapping = (n: number, seed: number) =>
  rowsOf(
    n,
    (random) => {
      const c = Number(random.uniform() >= WEIGHTS[0]);
      return [MIDDLES[c] + WIDTHS[c] * random.normal()];
    },
    seed,
  );
const trueDensity = (x: number) =>
  [0, 1].reduce(
    (sum, c) =>
      sum +
      (WEIGHTS[c] / (WIDTHS[c] * Math.sqrt(2 * Math.PI))) *
        Math.exp(-0.5 * ((x - MIDDLES[c]) / WIDTHS[c]) ** 2),
    0,
  );

test('a rare flag counts at most two deviations in any Gaussian', async () => {
  const rows = rowsOf(1200, (random, i) => [random.normal(), 3 * random.normal(), i % 100 === 0 ? 10 : 0]);
  const one = createMixture('one', { components: 1, ridge: 0.1 });
  const [usual, rare] = await runDetector(
    await one.fit(rows, options),
    matrix([
      [0, 0, 0],
      [0, 0, 10],
    ]),
  );
  // Half of two deviations squared, as the mean is nearly that of the usual value.
  expect(rare - usual).toBeCloseTo(2, 0);
  expect(rare - usual).toBeLessThan(2);
});

describe('expectation–maximisation', () => {
  /** The mean log-density of new rows; the constant between it and the score comes from an integral over the line. */
  async function likelihood(components: number) {
    const detector = createMixture('line', { components, ridge: 1e-4 });
    const fitted = await detector.fit(overlapping(4000, 1), options);
    const step = 0.01;
    const grid = rowsOf(2400, (_, i) => [-10 + step * i]);
    const total = (await runDetector(fitted, grid)).reduce((sum, score) => sum + step * Math.exp(-score), 0);
    const scores = await runDetector(fitted, overlapping(4000, 2));
    return scores.reduce((sum, score) => sum - score - Math.log(total), 0) / 4000;
  }

  test('converges to the density that the rows were drawn from', async () => {
    const truth = rowsIn(overlapping(4000, 2)).reduce((sum, [x]) => sum + Math.log(trueDensity(x)) / 4000, 0);
    const [one, two] = [await likelihood(1), await likelihood(2)];
    expect(truth - two).toBeLessThan(0.01);
    expect(truth - one).toBeGreaterThan(0.05);
  });

  test('a component has at least 20 rows: two for 59 rows, one for fewer than 40', async () => {
    const fresh = clusters(20, 2);
    for (const [n, count] of [
      [59, 2],
      [39, 1],
      [15, 1],
    ]) {
      const many = createMixture('many', { components: 20, ridge: 0.1 });
      const few = createMixture('few', { components: count, ridge: 0.1 });
      const found = await runDetector(await many.fit(clusters(n), options), fresh);
      expect(found).toEqual(await runDetector(await few.fit(clusters(n), options), fresh));
    }
    const two = createMixture('two', { components: 2, ridge: 0.1 });
    const one = createMixture('one', { components: 1, ridge: 0.1 });
    const scores = [two, one].map(async (of) => runDetector(await of.fit(clusters(59), options), fresh));
    expect(await scores[0]).not.toEqual(await scores[1]);
  });

  test('is the same for the same seed, with any number of threads', async () => {
    const [train, fresh] = [clusters(600), clusters(30, 2)];
    const first = await runDetector(await mixture.fit(train, { seed: 4, threads: 1 }), fresh);
    expect(await runDetector(await mixture.fit(train, { seed: 4, threads: 2 }), fresh)).toEqual(first);
    expect(await runDetector(await mixture.fit(train, { seed: 5 }), fresh)).not.toEqual(first);
  });

  test('refuses a single row', async () => {
    await expect(fitDetector(mixture, clusters(1), options)).rejects.toThrow(
      'mixture needs at least 2 rows, there are 1',
    );
  });
});

import { describe, expect, test } from 'vitest';
import { ecod } from '../../../training/detectors/ecod.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { clusters, matrix, rowAt, rowsOf } from './points.ts';

const options = { seed: 1 };

/** −log of both tails, by counting all rows. */
function tails(train: Matrix, row: readonly number[]) {
  return row.map((value, j) => {
    const column = Array.from({ length: train.n }, (_, i) => train.values[i * train.d + j]);
    const mean = column.reduce((a, b) => a + b) / train.n;
    const skewness = column.reduce((sum, x) => sum + (x - mean) ** 3, 0);
    const log = (count: number) => -Math.log((1 + count) / (train.n + 1));
    const low = log(column.filter((x) => x <= value).length);
    const high = log(column.filter((x) => x >= value).length);
    return { low, high, longer: skewness < 0 ? low : high };
  });
}

function defined(train: Matrix, row: readonly number[]): number {
  const all = tails(train, row);
  const sum = (of: 'low' | 'high' | 'longer') => all.reduce((total, tail) => total + tail[of], 0);
  return Math.max(sum('low'), sum('high'), sum('longer'));
}

describe('empirical cumulative distributions', () => {
  test('with few distinct values, each training row gets the score of the definition', async () => {
    const train = clusters(120);
    const scores = await runDetector(await ecod.fit(train, options), train);
    for (let i = 0; i < train.n; i++) expect(scores[i]).toBeCloseTo(defined(train, rowAt(train, i)), 4);
  });

  test('with more values than knots, the logarithms stay close to those of the counts', async () => {
    const train = rowsOf(5000, (random) => [
      random.normal(),
      Math.exp(random.normal()),
      -(random.uniform() ** 3),
    ]);
    const fresh = rowsOf(
      300,
      (random) => [2 * random.normal(), Math.exp(random.normal()), -(random.uniform() ** 3)],
      2,
    );
    const fitted = await ecod.fit(train, options);
    const scores = await runDetector(fitted, fresh);
    const expected = Array.from({ length: fresh.n }, (_, i) => defined(train, rowAt(fresh, i)));
    for (let i = 0; i < fresh.n; i++) {
      // A knot to the next is at most 2 log(5000) / 124 in log-odds, in each of three columns; between the last
      // rows of a tail the count jumps by whole rows, the line does not.
      expect(Math.abs(scores[i] - expected[i]), `row ${i}`).toBeLessThan(3 * 0.14 + 2 * Math.LN2);
    }
    const difference = scores.reduce((sum, s, i) => sum + s - expected[i], 0) / fresh.n;
    expect(Math.abs(difference)).toBeLessThan(0.1);
  });

  test('beyond all rows, a tail has the probability of one row, however far', async () => {
    const train = rowsOf(99, (random) => [random.normal()]);
    const scores = await runDetector(await ecod.fit(train, options), matrix([[1e6], [-1e6], [30]]));
    for (const score of scores) expect(score).toBeCloseTo(Math.log(100), 4);
  });

  test('a new value in a constant column is as rare as possible', async () => {
    const train = rowsOf(99, () => [3]);
    const [same, other] = await runDetector(await ecod.fit(train, options), matrix([[3], [3.01]]));
    expect(same).toBeCloseTo(0, 5);
    expect(other).toBeCloseTo(Math.log(100), 4);
  });

  test('the shares are the terms of the largest sum', async () => {
    const train = clusters(120);
    const fitted = await ecod.fit(train, options);
    const fresh = clusters(50, 2);
    const scores = await runDetector(fitted, fresh);
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const own = shares.subarray(i * 3, i * 3 + 3);
      expect(Math.min(...own)).toBeGreaterThanOrEqual(0);
      expect(own.reduce((a, b) => a + b)).toBeCloseTo(scores[i], 4);
    }
  });
});

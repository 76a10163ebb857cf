import { Matrix as Dense, EigenvalueDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { fitDetector } from '../../../training/detectors/detector.ts';
import { countComponents, createResidual, residual } from '../../../training/detectors/residual.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { plainMoments } from './gauss-jordan.ts';
import { matrix, rowAt, rowsOf } from './points.ts';

const rowsIn = (rows: Matrix) => Array.from({ length: rows.n }, (_, i) => rowAt(rows, i));

/** Two factors in six columns; the last column is constant. */
const draw = (random: { normal(): number }) => {
  const [a, b] = [4 * random.normal(), 2 * random.normal()];
  return [a, a + b, a - b, b, 0.5 * b].map((value) => value + 0.5 * random.normal() + 3).concat(7);
};
const train = rowsOf(400, draw);
const fresh = matrix([...rowsIn(rowsOf(30, draw, 2)), [3, 3, 3, 3, 3, 9], [30, -3, 8, 0, 2, 7]]);

/** The row less its projection on the `count` components with the largest variances. */
function left(rows: Matrix, row: readonly number[], count: number): number[] {
  const { mean, covariance } = plainMoments(rowsIn(rows));
  const found = new EigenvalueDecomposition(new Dense(covariance), { assumeSymmetric: true });
  const order = found.realEigenvalues.map((value, c) => ({ value, c })).sort((a, b) => b.value - a.value);
  let rest = row.map((value, j) => value - mean[j]);
  for (const { c } of order.slice(0, count)) {
    const vector = found.eigenvectorMatrix.getColumn(c);
    const along = rest.reduce((sum, value, j) => sum + value * vector[j], 0);
    rest = rest.map((value, j) => value - along * vector[j]);
  }
  return rest;
}

/** The number of components that hold a share of the variance, from the decomposition. */
function fewest(rows: Matrix, share: number): number {
  const { covariance } = plainMoments(rowsIn(rows));
  const { realEigenvalues } = new EigenvalueDecomposition(new Dense(covariance), { assumeSymmetric: true });
  const falling = realEigenvalues.toSorted((a, b) => b - a);
  const held = (count: number) => falling.slice(0, count).reduce((a, b) => a + b, 0);
  let count = 0;
  while (held(count) < share * held(rows.d)) count++;
  return count;
}

describe('residual of principal components', () => {
  test('is the mean square left by the components for 90 % of the variance', async () => {
    const count = fewest(train, 0.9);
    expect(count).toBe(2);
    const scores = await runDetector(await residual.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const rest = left(train, rowAt(fresh, i), count);
      expect(scores[i], `row ${i}`).toBeCloseTo(rest.reduce((sum, value) => sum + value ** 2, 0) / 6, 3);
    }
  });

  test('the shares are the squares, and sum to the score times the number of columns', async () => {
    const fitted = await residual.fit(train, { seed: 1 });
    const scores = await runDetector(fitted, fresh);
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const own = shares.subarray(i * 6, (i + 1) * 6);
      const rest = left(train, rowAt(fresh, i), 2);
      for (const [j, value] of rest.entries()) expect(own[j]).toBeCloseTo(value ** 2, 3);
      expect(own.reduce((a, b) => a + b) / (6 * scores[i])).toBeCloseTo(1, 4);
    }
  });

  test('a change in a constant column raises the score', async () => {
    const fitted = await residual.fit(train, { seed: 1 });
    const moved = matrix([
      [3, 3, 3, 3, 3, 7],
      [3, 3, 3, 3, 3, 10],
    ]);
    const [still, changed] = await runDetector(fitted, moved);
    expect(changed - still).toBeCloseTo(9 / 6, 3);
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), moved);
    expect(shares[11]).toBeCloseTo(9, 3);
  });

  test('for one column, it is the squared distance from the mean', async () => {
    const narrow = rowsOf(50, (random) => [5 + random.normal()]);
    const { mean } = plainMoments(rowsIn(narrow));
    const [score] = await runDetector(await residual.fit(narrow, { seed: 1 }), matrix([[9]]));
    expect(score).toBeCloseTo((9 - mean[0]) ** 2, 4);
  });

  test('at least one direction is left out, however many components are chosen', async () => {
    const all = createResidual('all', () => 99);
    const scores = await runDetector(await all.fit(train, { seed: 1 }), fresh);
    for (let i = 0; i < fresh.n; i++) {
      const rest = left(train, rowAt(fresh, i), 5);
      expect(scores[i]).toBeCloseTo(rest.reduce((sum, value) => sum + value ** 2, 0) / 6, 3);
    }
  });

  test('countComponents returns the fewest that hold the share', () => {
    expect(countComponents([6, 3, 1], 0.9)).toBe(2);
    expect(countComponents([6, 3, 1], 0.91)).toBe(3);
    expect(countComponents([6, 3, 1], 0.6)).toBe(1);
    expect(countComponents([9, 1, -1e-9], 0.95)).toBe(2);
  });

  test('refuses a single row, and too many columns', async () => {
    await expect(fitDetector(residual, matrix([[1, 2]]), { seed: 1 })).rejects.toThrow(
      'pca_residual needs at least 2 rows, there are 1',
    );
    const wide = { values: new Float32Array(2 * 1025), n: 2, d: 1025 };
    await expect(fitDetector(residual, wide, { seed: 1 })).rejects.toThrow(
      'pca_residual takes rows of at most 1024 values, not 1025',
    );
  });
});

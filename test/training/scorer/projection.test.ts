import { Matrix as Dense, EigenvalueDecomposition } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { fitProjection } from '../../../training/scorer/projection.ts';
import { plainMoments } from '../detectors/gauss-jordan.ts';
import { rowAt, rowsOf } from '../detectors/points.ts';

const D = 70;
/** Columns with a few strong directions, each with a different variance. */
const draw = (random: { normal(): number }) => {
  const factors = Array.from({ length: 40 }, (_, f) => 12 * 0.9 ** f * random.normal());
  return Array.from(
    { length: D },
    (_, j) =>
      3 + j / 10 + factors.reduce((sum, z, f) => sum + z * Math.cos((j + 0.5) * (f + 1) * (Math.PI / D)), 0),
  );
};
const train = rowsOf(300, draw);
const fresh = rowsOf(20, draw, 2);
const rowsIn = (rows: Matrix) => Array.from({ length: rows.n }, (_, i) => rowAt(rows, i));

describe('projection', () => {
  test('of more than 64 columns: coordinates along the 32 directions with the largest variances', async () => {
    const projection = await fitProjection(train, { seed: 1 });
    expect(projection.width).toBe(32);
    const found = await runSubgraph((graph, x) => projection.apply(graph, x), fresh);
    expect(found).toHaveLength(20 * 32);

    const { mean, covariance } = plainMoments(rowsIn(train));
    const decomposed = new EigenvalueDecomposition(new Dense(covariance), { assumeSymmetric: true });
    const order = decomposed.realEigenvalues
      .map((value, c) => ({ value, c }))
      .sort((a, b) => b.value - a.value)
      .slice(0, 32);
    for (const [at, { c }] of order.entries()) {
      const vector = decomposed.eigenvectorMatrix.getColumn(c);
      const expected = rowsIn(fresh).map((row) =>
        row.reduce((sum, value, j) => sum + (value - mean[j]) * vector[j], 0),
      );
      // A direction is unique except for its sign.
      const sign = Math.sign(expected[0] * found[at]);
      for (const [i, value] of expected.entries())
        expect(sign * found[i * 32 + at], `component ${at}, row ${i}`).toBeCloseTo(value, 2);
    }
  });

  test('the coordinates of the training rows are uncorrelated, with falling variances', async () => {
    const projection = await fitProjection(train, { seed: 1 });
    const values = await runSubgraph((graph, x) => projection.apply(graph, x), train);
    const { mean, covariance } = plainMoments(rowsIn({ values, n: train.n, d: 32 }));
    for (let a = 0; a < 32; a++) {
      expect(mean[a]).toBeCloseTo(0, 3);
      if (a > 0) expect(covariance[a][a]).toBeLessThanOrEqual(covariance[a - 1][a - 1] + 1e-3);
      for (let b = 0; b < a; b++) expect(Math.abs(covariance[a][b])).toBeLessThan(1e-3 * covariance[b][b]);
    }
  });

  test.each([1, 64])('of %i columns: the rows themselves', async (d) => {
    const rows = rowsOf(30, (random) => Array.from({ length: d }, () => random.normal()));
    const projection = await fitProjection(rows, { seed: 1 });
    expect(projection.width).toBe(d);
    const found = await runSubgraph((graph, x) => projection.apply(graph, x), rows);
    expect(found).toEqual(rows.values);
  });

  test('of few rows: one direction fewer than rows', async () => {
    const few = rowsOf(12, draw);
    const projection = await fitProjection(few, { seed: 1 });
    expect(projection.width).toBe(11);
    // They hold the rows in full: distances stay the same.
    const values = await runSubgraph((graph, x) => projection.apply(graph, x), few);
    const square = (rows: Matrix) =>
      rowAt(rows, 0).reduce((sum, v, j) => sum + (v - rowAt(rows, 1)[j]) ** 2, 0);
    expect(square({ values, n: 12, d: 11 }) / square(few)).toBeCloseTo(1, 4);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Detector, fitDetector } from '../../../training/detectors/detector.ts';
import { mahalanobis } from '../../../training/detectors/mahalanobis.ts';
import { fitMcd, robustCovariance } from '../../../training/detectors/robust-covariance.ts';
import { runDetector } from '../../../training/detectors/run.ts';
import { chiSquaredCdf, chiSquaredQuantile } from '../../../training/linear/chi-squared.ts';
import { decomposeSymmetric } from '../../../training/linear/eigen.ts';
import { type Matrix, selectRows } from '../../../training/runtime/rows.ts';
import { inverted, plainMoments, quadratic } from './gauss-jordan.ts';
import { matrix, rowAt, rowsOf } from './points.ts';
import { HBK, STARS } from './robust-examples.ts';

const rowsIn = (rows: Matrix) => Array.from({ length: rows.n }, (_, i) => rowAt(rows, i));

/** log |S| of some rows, S divided by their number. */
const logDetOf = (rows: Matrix, indices: ArrayLike<number>) =>
  inverted(plainMoments(rowsIn(selectRows(rows, indices))).covariance).logDet;

/** Squared distances by an estimate. */
function distancesBy({ mean, covariance }: ReturnType<typeof fitMcd>, rows: Matrix): number[] {
  const { d } = rows;
  const { inverse } = inverted(
    Array.from({ length: d }, (_, j) => [...covariance.subarray(j * d, (j + 1) * d)]),
  );
  return rowsIn(rows).map((row) =>
    quadratic(
      inverse,
      row.map((value, j) => value - mean[j]),
    ),
  );
}

function* combinations(n: number, k: number, from = 0): Generator<number[]> {
  if (k === 0) return yield [];
  for (let i = from; i <= n - k; i++) for (const rest of combinations(n, k - 1, i + 1)) yield [i, ...rest];
}

/** Correlated columns, of which the first `off` rows are far away in a cluster. */
const contaminated = (n: number, d: number, off: number, seed = 1) =>
  rowsOf(
    n,
    (random, i) => {
      const common = random.normal();
      const row = Array.from({ length: d }, (_, j) => (1 + j / 2) * (random.normal() + common) + j);
      return i < off ? row.map((value, j) => 30 + value * (j % 2 ? 1 : -1)) : row;
    },
    seed,
  );

describe('minimum covariance determinant', () => {
  test.each([1, 2, 3, 4])('has the least determinant of all subsets (rows of seed %i)', (seed) => {
    const rows = contaminated(13, 2, 3, seed);
    const all = [...combinations(13, 8)].map((subset) => logDetOf(rows, subset));
    const { subset, regularisation } = fitMcd(rows, 8, { seed: 1 });
    expect(regularisation).toBe(0);
    expect(logDetOf(rows, subset)).toBeCloseTo(Math.min(...all), 9);
  });

  test.each([
    ['the data of Hawkins, Bradu & Kass (1984)', HBK],
    ['the stars of CYG OB1', STARS],
  ])('agrees with R on %s', (_name, { rows, h, subset, logDet, location, covariance, outliers }) => {
    const found = fitMcd(rows, h, { seed: 1, starts: 1000 });
    expect(Array.from(found.subset, (i) => i + 1)).toEqual(subset);
    // R divides by one row less.
    expect(logDetOf(rows, found.subset) + rows.d * Math.log(h / (h - 1))).toBeCloseTo(logDet, 5);
    // R also multiplies covariances by a factor for few rows (Pison, Van Aelst & Willems 2002), so that one more row counts.
    const factor = covariance[0] / found.covariance[0];
    for (const [j, value] of location.entries()) expect(Math.abs(found.mean[j] - value)).toBeLessThan(0.03);
    for (const [p, value] of covariance.entries())
      expect(Math.abs(factor * found.covariance[p] - value)).toBeLessThan(0.05 * covariance[0]);
    const distances = distancesBy(found, rows);
    const order = distances.map((_, i) => i).sort((a, b) => distances[b] - distances[a]);
    const farthest = order.slice(0, outliers.length).map((i) => i + 1);
    expect(farthest.sort((a, b) => a - b)).toEqual(outliers);
  });

  test('distances stay the same if the columns are mixed and moved', () => {
    const rows = contaminated(60, 3, 12);
    const before = distancesBy(fitMcd(rows, 45, { seed: 1 }), rows);
    const entry = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 12, maxLength: 12 }), (numbers) => {
        // Diagonally dominant, so that it is invertible.
        const mixed = matrix(
          rowsIn(rows).map((row) =>
            row.map((_, j) =>
              row.reduce(
                (sum, value, k) => sum + value * (numbers[3 * j + k] + (j === k ? 4 : 0)),
                numbers[9 + j],
              ),
            ),
          ),
        );
        for (const [i, value] of distancesBy(fitMcd(mixed, 45, { seed: 1 }), mixed).entries())
          expect(value / before[i]).toBeCloseTo(1, 2);
      }),
      { numRuns: 20 },
    );
  });

  test('estimates mean and covariance of normal rows', () => {
    const { mean, covariance } = fitMcd(contaminated(6000, 3, 0), 4500, { seed: 1 });
    for (const [j, value] of mean.entries()) expect(value).toBeCloseTo(j, 0);
    for (let j = 0; j < 3; j++) {
      for (let k = 0; k < 3; k++) {
        const expected = (1 + j / 2) * (1 + k / 2) * (j === k ? 2 : 1);
        expect(covariance[3 * j + k] / expected).toBeGreaterThan(0.93);
        expect(covariance[3 * j + k] / expected).toBeLessThan(1.07);
      }
    }
  });

  test.each([
    [40, 3],
    [3000, 12],
  ])('a fifth of %i rows of %i columns does not move it', (n, d) => {
    const off = n / 5;
    const rows = contaminated(n, d, off);
    const { subset, mean } = fitMcd(rows, Math.ceil(0.75 * n), { seed: 1 });
    expect(Math.min(...subset)).toBeGreaterThanOrEqual(off);
    const rest = plainMoments(rowsIn(rows).slice(off)).mean;
    for (const [j, value] of rest.entries()) expect(Math.abs(mean[j] - value)).toBeLessThan((1 + j / 2) / 2);
  });

  test('is regularised for fewer rows than columns, up to the condition that it allows', () => {
    const rows = rowsOf(30, (random, i) =>
      Array.from({ length: 50 }, () => random.normal() + (i < 5 ? 20 : 0)),
    );
    const found = fitMcd(rows, 23, { seed: 1 });
    expect(found.regularisation).toBeGreaterThan(0);
    expect(found.regularisation).toBeLessThan(0.3);
    expect(Math.min(...found.subset)).toBeGreaterThanOrEqual(5);
    const { values } = decomposeSymmetric(found.covariance, 50);
    // The median absolute deviations differ a little, too.
    expect(values[0] / values[49]).toBeLessThan(200);
    const distances = distancesBy(found, rows);
    expect(Math.min(...distances.slice(0, 5))).toBeGreaterThan(Math.max(...distances.slice(5)));
  });

  test('for fewer rows than columns, has the least determinant of all regularised covariances of subsets', () => {
    const [n, d, h] = [9, 12, 7];
    const rows = rowsIn(
      rowsOf(n, (random, i) => Array.from({ length: d }, () => random.normal() * (i < 2 ? 6 : 1))),
    );
    const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[(n - 1) / 2];
    const units = rows[0].map((_, j) => {
      const column = rows.map((row) => row[j]);
      return 1.4826 * middle(column.map((value) => Math.abs(value - middle(column))));
    });
    const scaled = rows.map((row) => row.map((value, j) => value / units[j]));
    const found = fitMcd(matrix(rows), h, { seed: 1 });
    const rho = found.regularisation;
    const factor = h / n / chiSquaredCdf(chiSquaredQuantile(h / n, d), d + 2);
    const regularised = (subset: ArrayLike<number>) =>
      plainMoments(Array.from(subset, (i) => scaled[i])).covariance.map((row, j) =>
        row.map((value, k) => (1 - rho) * factor * value + (j === k ? rho : 0)),
      );
    const all = [...combinations(n, h)].map((subset) => inverted(regularised(subset)).logDet);
    expect(inverted(regularised(found.subset)).logDet).toBeCloseTo(Math.min(...all), 4);
    for (const [j, row] of regularised(found.subset).entries())
      for (const [k, value] of row.entries())
        expect(found.covariance[j * d + k] / units[j] / units[k]).toBeCloseTo(value, 4);
  });
});

describe('the detector', () => {
  test('scores by the squared distance', async () => {
    const [train, fresh] = [contaminated(300, 4, 40), contaminated(20, 4, 0, 2)];
    const expected = distancesBy(fitMcd(train, 225, { seed: 1 }), fresh);
    const scores = await runDetector(await robustCovariance.fit(train, { seed: 1 }), fresh);
    for (const [i, score] of scores.entries()) expect(score / expected[i]).toBeCloseTo(1, 3);
  });

  test('finds rows that hide from a covariance of all rows behind others', async () => {
    const found = async (detector: Detector) => {
      const scores = await runDetector(await fitDetector(detector, HBK.rows, { seed: 1 }), HBK.rows);
      return Array.from(scores.keys(), (i) => i + 1).filter(
        (i) => scores[i - 1] > chiSquaredQuantile(0.975, 3),
      );
    };
    for (const i of await found(mahalanobis)) expect(i).toBeGreaterThan(10);
    expect((await found(robustCovariance)).filter((i) => i <= 14)).toEqual(HBK.outliers);
  });

  test('a rare flag counts two deviations, a frequent one what it varies by', async () => {
    const rows = rowsOf(1000, (random, i) => [random.normal(), i % 100 === 0 ? 10 : 0, i % 2]);
    const fitted = await fitDetector(robustCovariance, rows, { seed: 1 });
    const [usual, rare] = await runDetector(
      fitted,
      matrix([
        [0, 0, 0],
        [0, 10, 0],
      ]),
    );
    // The mean of the subset is 0 or little more in the rare column.
    expect(Math.abs(rare - usual - 4)).toBeLessThan(0.2);
  });

  test('a gap in a category is no anomaly, though the categories of all other rows add up to 1', async () => {
    // Two categories and the flag of a gap; a number that follows the category.
    const rows = rowsOf(2000, (random, i) => {
      const gap = i % 60 === 0;
      const on = i % 2;
      return [gap ? 0 : 0.7 * on, gap ? 0 : 1.3 * (1 - on), Number(gap), 5 * on + random.normal()];
    });
    const fitted = await fitDetector(robustCovariance, rows, { seed: 1 });
    const [usual, gap, wrong] = await runDetector(
      fitted,
      matrix([
        [0, 1.3, 0, 0],
        [0, 0, 1, 2.5],
        [0, 1.3, 0, 6],
      ]),
    );
    // The sum of the categories differs by 1 where two evenly frequent values have a deviation of √½, and the flag by two deviations.
    expect(gap - usual).toBeLessThan(6.5);
    expect(wrong - usual).toBeGreaterThan(20);
  });

  test.each<[string, number, Parameters<typeof rowsOf>[1]]>([
    ['most rows equal', 100, (random, i) => (i < 60 ? [1, 2, 3] : [random.normal(), random.normal(), 3])],
    ['all rows equal', 50, () => [1, 2, 3]],
    ['two rows', 2, (random) => [random.normal(), random.normal(), 1]],
    ['a column of three values', 200, (random, i) => [random.normal(), i % 3, random.normal()]],
    ['one dominant value', 200, (random, i) => [random.normal(), Number(i === 7), random.normal()]],
    [
      'columns that repeat each other',
      200,
      (random) => {
        const value = random.normal();
        return [value, 2 * value + 1, -value];
      },
    ],
    ['a column of huge values', 200, (random) => [1e6 * random.normal(), 1e-4 * random.normal(), 5]],
  ])('%s: scores are finite, and far rows have the highest', async (_name, n, draw) => {
    const rows = rowsOf(n, draw);
    const fitted = await fitDetector(robustCovariance, rows, { seed: 1 });
    const scores = await runDetector(fitted, rows);
    const far = await runDetector(fitted, matrix([[1e8, -1e8, 1e8]]));
    expect([...scores, ...far].every((score) => Number.isFinite(score) && score >= 0)).toBe(true);
    expect(far[0]).toBeGreaterThan(Math.max(...scores));
  });
});

import { describe, expect, test } from 'vitest';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import type { Scaling } from '../../../bundle/manifest.ts';
import { scaleSamples } from '../../../training/autoencoder/scaling.ts';
import { runSubgraph } from '../../../training/detectors/run.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { fitImputation } from '../../../training/scorer/imputation.ts';
import { unscaled } from '../../bundle/table-columns.ts';
import { matrix, rowAt, rowsOf } from '../detectors/points.ts';

const GAP = Number.NaN;

const flag = (name: string, missing_share: number): TableColumn => ({
  kind: 'flag',
  name,
  missing_share,
  share: 0.5,
  missing: 0,
  words: ['no', 'yes'],
});

const encode = async (raw: Matrix, scaling: Scaling): Promise<Matrix> => {
  const values = await runSubgraph((graph, x) => scaleSamples(graph, x, scaling), raw);
  return { values, n: raw.n, d: values.length / raw.n };
};

/** Encoded rows before and after gaps are filled by what was fitted to `raw`. */
async function fill(raw: Matrix, columns: TableColumn[], fresh: Matrix) {
  const scaling: Scaling = { kind: 'columns', columns };
  const imputation = fitImputation(await encode(raw, scaling), raw, scaling)!;
  const before = await encode(fresh, scaling);
  const values = await runSubgraph(
    (graph, x) => imputation(graph, scaleSamples(graph, x, scaling), x),
    fresh,
  );
  return { before, after: { ...before, values } };
}

/** z = 0.6 x − 0.8 y + 0.01 noise, with a gap in every fifth row; y has gaps, too. */
const related = (n: number, seed = 1) =>
  rowsOf(
    n,
    (random, i) => {
      const [x, y] = [random.normal(), random.normal()];
      return [x, i % 7 === 0 ? GAP : y, i % 5 === 0 ? GAP : 0.6 * x - 0.8 * y + 0.01 * random.normal()];
    },
    seed,
  );
const COLUMNS = [unscaled('x', 0), unscaled('y', 1 / 7), unscaled('z', 1 / 5)];

describe('gaps', () => {
  test('are filled by what the other columns say', async () => {
    const { after } = await fill(
      related(4000),
      COLUMNS,
      matrix([
        [1, 2, GAP],
        [-2, 1, GAP],
        [2, GAP, 0.4],
      ]),
    );
    // Features: x; y and its flag; z and its flag.
    const filled = [rowAt(after, 0)[3], rowAt(after, 1)[3], rowAt(after, 2)[1]];
    const expected = [0.6 - 1.6, -1.2 - 0.8, (0.6 * 2 - 0.4) / 0.8];
    // The gaps in the predictors and the ridge shrink the predictions a little.
    for (const [i, value] of expected.entries()) expect(Math.abs(filled[i] - value)).toBeLessThan(0.1);
  });

  test('change nothing else: rows without gaps stay as they are, and so do the flags', async () => {
    const fresh = related(200, 2);
    const { before, after } = await fill(related(1000), COLUMNS, fresh);
    for (let i = 0; i < fresh.n; i++) {
      const [was, is, raw] = [rowAt(before, i), rowAt(after, i), rowAt(fresh, i)];
      for (const [j, column] of [0, 1, 1, 2, 2].entries()) {
        if (Number.isNaN(raw[column]) && (j === 1 || j === 3)) expect(is[j]).not.toBe(was[j]);
        else expect(is[j]).toBe(was[j]);
      }
    }
  });

  test('in a whole row, and next to a far value, are filled by finite ones', async () => {
    const fresh = matrix([
      [GAP, GAP, GAP],
      [1e30, GAP, GAP],
      [1e30, -1e30, GAP],
    ]);
    const { after } = await fill(related(1000), COLUMNS, fresh);
    for (const value of after.values) expect(Math.abs(value)).toBeLessThanOrEqual(30);
    expect(rowAt(after, 2)[3]).toBe(5);
  });

  test('in more columns than a prediction takes are filled by those that matter', async () => {
    const d = 60;
    const rows = (n: number, seed: number) =>
      rowsOf(
        n,
        (random, i) => {
          const row = Array.from({ length: d }, () => random.normal());
          row[d - 1] = i % 10 === 0 ? GAP : row[17] + row[41];
          return row;
        },
        seed,
      );
    const columns = Array.from({ length: d }, (_, j) => unscaled(`c${j}`, j === d - 1 ? 0.1 : 0));
    const fresh = rows(100, 2);
    const { after } = await fill(rows(2000, 1), columns, fresh);
    for (let i = 0; i < 100; i += 10) {
      const row = rowAt(fresh, i);
      expect(Math.abs(rowAt(after, i)[d - 1] - (row[17] + row[41]))).toBeLessThan(0.4);
    }
  });
});

test.each([
  ['no column has gaps', [unscaled('x', 0), unscaled('y', 0), unscaled('z', 0)]],
  ['only a flag has gaps', [unscaled('x', 0), flag('y', 0.2), unscaled('z', 0)]],
])('nothing is fitted if %s', async (_, columns) => {
  const raw = rowsOf(100, (random) => [random.normal(), Number(random.uniform() < 0.5), random.normal()]);
  const scaling: Scaling = { kind: 'columns', columns };
  expect(fitImputation(await encode(raw, scaling), raw, scaling)).toBeUndefined();
});

test('a single column has nothing to be predicted from', async () => {
  const raw = rowsOf(100, (random, i) => [i % 5 === 0 ? GAP : random.normal()]);
  const scaling: Scaling = { kind: 'columns', columns: [unscaled('x', 0.2)] };
  expect(fitImputation(await encode(raw, scaling), raw, scaling)).toBeUndefined();
});

import { describe, expect, test } from 'vitest';
import { FUSIONS, type Fusion } from '../../../bundle/fusion.ts';
import { knn } from '../../../training/detectors/knn.ts';
import { lof } from '../../../training/detectors/lof.ts';
import { mahalanobis } from '../../../training/detectors/mahalanobis.ts';
import { createMixture } from '../../../training/detectors/mixture.ts';
import { squaredError } from '../../../training/detectors/reconstruction.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import { computeSurprise } from '../../../training/detectors/tail.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { type Matrix, selectRows } from '../../../training/runtime/rows.ts';
import { type FittedMember, fitMembers, type Member, memberName } from '../../../training/scorer/ensemble.ts';
import { explain, fuse } from '../../../training/scorer/fusion.ts';
import { matrix, rowAt, rowsOf } from '../detectors/points.ts';
import { D, fitAll, fresh, halve, rowsFor, scoreFused, train, unseen, viewsIn } from './ensembles.ts';

const explainRows = (members: readonly FittedMember[], rows: Matrix, fusion: Fusion = 'mean') =>
  runSubgraph((graph, x) => {
    const views = viewsIn(graph, x);
    return explain(graph, views, members, fuse(graph, views, members, fusion).weights);
  }, rows);

const MEMBERS: Member[] = [
  { detector: knn, view: 'input' },
  { detector: mahalanobis, view: 'projection' },
  { detector: lof, view: 'code' },
  { detector: squaredError, view: 'difference' },
];

describe('the fused score', () => {
  test('is the mean of the members’ surprises, each in its own view', async () => {
    const members = await fitAll(MEMBERS);
    expect(members.map(memberName)).toEqual([
      'knn:input',
      'mahalanobis:projection',
      'lof:code',
      'reconstruction:difference',
    ]);
    const { each, score } = await scoreFused(members, fresh);
    const own = [];
    for (const { fitted, tail, view } of members) {
      const scores = await runDetector(fitted, view === 'difference' ? halve(fresh) : fresh);
      own.push(
        await runSubgraph((graph, x) => computeSurprise(graph, graph.squeeze(x, [1]), tail), {
          values: scores,
          n: fresh.n,
          d: 1,
        }),
      );
    }
    for (let i = 0; i < fresh.n; i++) {
      for (const [k, surprises] of own.entries()) expect(each[i * 4 + k]).toBeCloseTo(surprises[i], 4);
      expect(score[i]).toBeCloseTo((own[0][i] + own[1][i] + own[2][i] + own[3][i]) / 4, 4);
    }
  });

  test.each([
    ['max', 1],
    ['top2', 2],
  ] as const)('with %s is the mean of the %i largest surprises', async (fusion, count) => {
    const { each, score } = await scoreFused(await fitAll(MEMBERS), fresh, fusion);
    for (let i = 0; i < fresh.n; i++) {
      const largest = [...each.subarray(i * 4, (i + 1) * 4)].sort((a, b) => b - a).slice(0, count);
      expect(score[i]).toBeCloseTo(largest.reduce((a, b) => a + b) / count, 5);
    }
  });

  test.each(FUSIONS)('with %s is not a number if a detector overflows', async (fusion) => {
    const overflowing: Member = {
      detector: createMixture('few', { components: 3, ridge: 0.1 }),
      view: 'input',
    };
    const far = { ...fresh, values: fresh.values.slice() };
    far.values[0] = 3e38;
    const { each, score } = await scoreFused(await fitAll([...MEMBERS, overflowing]), far, fusion);
    expect(each[4]).toBeNaN();
    expect(score[0]).toBeNaN();
    expect(score.subarray(1).every(Number.isFinite)).toBe(true);
  });

  test.each(FUSIONS)('with %s is the surprise of a single member', async (fusion) => {
    const { each, score } = await scoreFused(await fitAll(MEMBERS.slice(0, 1)), fresh, fusion);
    expect(score).toEqual(each);
  });

  test('is the same graph for the same seed, bit for bit', async () => {
    const bytes = async (seed: number) => {
      const rows = { train: rowsFor(train), unseen: rowsFor(unseen) };
      const members = await fitMembers(
        [...MEMBERS, { detector: createMixture('few', { components: 3, ridge: 0.1 }), view: 'input' }],
        rows,
        {
          seed,
          contamination: 0.2,
        },
      );
      const graph = new Graph();
      const views = viewsIn(graph, graph.input('x', ['N', D]));
      const { score, weights } = fuse(graph, views, members, 'mean');
      graph.output('score', score);
      graph.output('shares', explain(graph, views, members, weights));
      return serialise(graph, 'ensemble');
    };
    const first = await bytes(3);
    expect(await bytes(3)).toEqual(first);
    expect(await bytes(4)).not.toEqual(first);
  });
});

describe('the shares of the features', () => {
  test('are each member’s shares divided by the usual ones, weighted by its surprise', async () => {
    const chosen: Member[] = [
      { detector: knn, view: 'input' },
      { detector: lof, view: 'input' },
      { detector: mahalanobis, view: 'input' },
      { detector: mahalanobis, view: 'code' },
      { detector: squaredError, view: 'difference' },
    ];
    const members = await fitAll(chosen);
    // A detector without shares, and a view whose columns are not the features, contribute nothing.
    expect(members.map(({ usual }) => !!usual)).toEqual([true, false, true, false, true]);
    const shares = await explainRows(members, fresh);
    const { each } = await scoreFused(members, fresh);
    const expected = new Float64Array(fresh.n * D);
    for (const [k, { fitted, usual, view }] of members.entries()) {
      if (!fitted.shares || !usual) continue;
      const own = await runSubgraph(
        (graph, x) => fitted.shares!(graph, x),
        view === 'difference' ? halve(fresh) : fresh,
      );
      for (let i = 0; i < fresh.n; i++) {
        const units = [...own.subarray(i * D, (i + 1) * D)].map((value, j) => value / usual[j]);
        const total = units.reduce((a, b) => a + b);
        for (let j = 0; j < D; j++) expected[i * D + j] += (each[i * chosen.length + k] * units[j]) / total;
      }
    }
    for (let i = 0; i < fresh.n; i++) {
      const own = expected.subarray(i * D, (i + 1) * D);
      const total = own.reduce((a, b) => a + b);
      for (const [j, value] of own.entries()) expect(shares[i * D + j]).toBeCloseTo(value / total, 4);
    }
  });

  test.each([
    ['max', 1],
    ['top2', 2],
  ] as const)('with %s are those of the members of the score', async (fusion, count) => {
    const chosen: Member[] = [
      { detector: knn, view: 'input' },
      { detector: mahalanobis, view: 'input' },
      { detector: squaredError, view: 'difference' },
    ];
    const members = await fitAll(chosen);
    const alone = await Promise.all(members.map((member) => explainRows([member], fresh)));
    const shares = await explainRows(members, fresh, fusion);
    const { each } = await scoreFused(members, fresh);
    const seen = new Set<number>();
    for (let i = 0; i < fresh.n; i++) {
      const own = each.subarray(i * 3, (i + 1) * 3);
      const order = [0, 1, 2].sort((a, b) => own[b] - own[a]).slice(0, count);
      const total = order.reduce((sum, k) => sum + own[k], 0);
      seen.add(order[0]);
      for (let j = 0; j < D; j++) {
        const expected = order.reduce((sum, k) => sum + (own[k] / total) * alone[k][i * D + j], 0);
        expect(shares[i * D + j]).toBeCloseTo(expected, 4);
      }
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  test('are those of another member if no member of the score has any', async () => {
    const members = await fitAll([
      { detector: lof, view: 'input' },
      { detector: knn, view: 'input' },
    ]);
    const { each } = await scoreFused(members, fresh);
    const rows = Array.from({ length: fresh.n }, (_, i) => i).filter((i) => each[2 * i] > each[2 * i + 1]);
    expect(rows.length).toBeGreaterThan(3);
    const some = selectRows(fresh, rows);
    const shares = await explainRows(members, some, 'max');
    for (const [p, share] of (await explainRows(members.slice(1), some)).entries())
      expect(shares[p]).toBeCloseTo(share, 4);
  });

  test('a usual share is the mean over the reference rows, and never 0', async () => {
    const flat = (rows: Matrix) => ({ ...rows, values: rows.values.map((v, p) => (p % D === 2 ? 1 : v)) });
    const [{ usual, fitted }] = await fitAll([{ detector: squaredError, view: 'difference' }]);
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), halve(unseen));
    for (let j = 0; j < D; j++) {
      const mean = shares.filter((_, p) => p % D === j).reduce((a, b) => a + b) / unseen.n;
      expect(usual![j]).toBeCloseTo(mean, 4);
    }
    const [{ usual: still }] = await fitAll([{ detector: knn, view: 'input' }], 0, flat(train), flat(unseen));
    // A constant column gets three tenths of the mean over the columns.
    expect(still![2] / ((0.3 * (still![0] + still![1])) / 3)).toBeCloseTo(1, 4);
  });

  test('sum to 1, or are all 0 if no member finds anything', async () => {
    const rows = rowsOf(200, (random, i) =>
      i < 40 ? [0, 0, 0] : [2 * random.normal(), random.normal(), random.normal()],
    );
    const members = await fitAll([{ detector: knn, view: 'input' }], 0, rows);
    const shares = await explainRows(
      members,
      matrix([[0, 0, 0], ...Array.from({ length: 20 }, (_, i) => rowAt(fresh, i))]),
    );
    expect([...shares.subarray(0, D)]).toEqual([0, 0, 0]);
    for (let i = 1; i <= 20; i++) {
      const own = shares.subarray(i * D, (i + 1) * D);
      expect(Math.min(...own)).toBeGreaterThanOrEqual(0);
      expect(own.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  });

  test('are those of the squared error of the reconstruction if no member has any', async () => {
    const members = await fitAll([{ detector: lof, view: 'code' }]);
    const shares = await explainRows(members, matrix([[1, 2, 2]]));
    for (const [j, value] of [1 / 9, 4 / 9, 4 / 9].entries()) expect(shares[j]).toBeCloseTo(value, 6);
  });

  test('are largest for the column that is off', async () => {
    const members = await fitAll(MEMBERS.slice(0, 3));
    const off = selectRows(
      fresh,
      Array.from({ length: 20 }, (_, i) => i),
    );
    for (let i = 0; i < 20; i++) off.values[i * D + (i % D)] += 40;
    const shares = await explainRows(members, off);
    for (let i = 0; i < 20; i++) expect(shares[i * D + (i % D)]).toBeGreaterThan(0.5);
  });
});

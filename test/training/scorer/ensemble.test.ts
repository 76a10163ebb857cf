import { describe, expect, test } from 'vitest';
import type { Detector } from '../../../training/detectors/detector.ts';
import { isolationForest } from '../../../training/detectors/isolation-forest.ts';
import { knn } from '../../../training/detectors/knn.ts';
import { lof } from '../../../training/detectors/lof.ts';
import { mahalanobis } from '../../../training/detectors/mahalanobis.ts';
import { mixture, mixtureOf } from '../../../training/detectors/mixture.ts';
import { squaredError } from '../../../training/detectors/reconstruction.ts';
import { DETECTORS } from '../../../training/detectors/registry.ts';
import { runSubgraph, scoreRows } from '../../../training/detectors/run.ts';
import { surprise, tailOf } from '../../../training/detectors/tail.ts';
import { auroc } from '../../../training/evaluate/metrics.ts';
import { Graph, type Value } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { type Matrix, selectRows } from '../../../training/runtime/rows.ts';
import {
  explain,
  type FittedMember,
  fitEnsemble,
  fuse,
  type Member,
  memberName,
} from '../../../training/scorer/ensemble.ts';
import type { View, Views } from '../../../training/scorer/views.ts';
import { clusters, matrix, rowAt, rowsOf } from '../detectors/points.ts';

const D = 3;
const [train, unseen, fresh] = [clusters(300, 1), clusters(80, 2), clusters(40, 3)];

/** Every view is the sample itself, but `difference`, which is the sample halved. */
const halved = (rows: Matrix): Matrix => ({ ...rows, values: rows.values.map((value) => value / 2) });
const rowsFor = (rows: Matrix) => ({ input: rows, projection: rows, code: rows, difference: halved(rows) });
const viewsIn =
  (graph: Graph, x: Value): Views =>
  (view: View) =>
    view === 'difference' ? graph.mul(x, 0.5) : x;

const fitAll = (members: readonly Member[], contamination = 0, rows = train, others = unseen) =>
  fitEnsemble(members, { train: rowsFor(rows), unseen: rowsFor(others) }, { seed: 1, contamination });

const fused = async (members: readonly FittedMember[], rows: Matrix) => ({
  each: await runSubgraph((graph, x) => fuse(graph, viewsIn(graph, x), members).each, rows),
  score: await runSubgraph((graph, x) => fuse(graph, viewsIn(graph, x), members).score, rows),
});

const explained = (members: readonly FittedMember[], rows: Matrix) =>
  runSubgraph((graph, x) => {
    const views = viewsIn(graph, x);
    return explain(graph, views, members, fuse(graph, views, members).each);
  }, rows);

const MEMBERS: Member[] = [
  { detector: knn, view: 'input' },
  { detector: mahalanobis, view: 'projection' },
  { detector: lof, view: 'code' },
  { detector: squaredError, view: 'difference' },
];

describe('the fused score', () => {
  test('is the mean of the members’ surprises, each of its own view', async () => {
    const members = await fitAll(MEMBERS);
    expect(members.map(memberName)).toEqual([
      'knn:input',
      'mahalanobis:projection',
      'lof:code',
      'reconstruction:difference',
    ]);
    const { each, score } = await fused(members, fresh);
    const own = [];
    for (const { fitted, tail, view } of members) {
      const scores = await scoreRows(fitted, view === 'difference' ? halved(fresh) : fresh);
      own.push(
        await runSubgraph((graph, x) => surprise(graph, graph.squeeze(x, [1]), tail), {
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

  test('of one member is its surprise', async () => {
    const { each, score } = await fused(await fitAll(MEMBERS.slice(0, 1)), fresh);
    expect(score).toEqual(each);
  });

  test('is the same graph for the same seed, bit for bit', async () => {
    const bytes = async (seed: number) => {
      const rows = { train: rowsFor(train), unseen: rowsFor(unseen) };
      const members = await fitEnsemble(
        [...MEMBERS, { detector: mixtureOf('few', { components: 3, ridge: 0.1 }), view: 'input' }],
        rows,
        {
          seed,
          contamination: 0.2,
        },
      );
      const graph = new Graph();
      const views = viewsIn(graph, graph.input('x', ['N', D]));
      const { each, score } = fuse(graph, views, members);
      graph.output('score', score);
      graph.output('shares', explain(graph, views, members, each));
      return serialise(graph, 'ensemble');
    };
    const first = await bytes(3);
    expect(await bytes(3)).toEqual(first);
    expect(await bytes(4)).not.toEqual(first);
  });

  test('members are told of in turn', async () => {
    const seen: string[] = [];
    await fitEnsemble(
      MEMBERS,
      { train: rowsFor(train), unseen: rowsFor(unseen) },
      { seed: 1, contamination: 0, onMember: (name) => seen.push(name) },
    );
    expect(seen).toEqual(MEMBERS.map(memberName));
  });
});

describe('the rows that a member is judged by', () => {
  test('are the unseen ones, where it looks at the autoencoder', async () => {
    for (const view of ['code', 'difference'] as const) {
      const [{ fitted, tail }] = await fitAll([{ detector: mahalanobis, view }]);
      const others = view === 'difference' ? halved(unseen) : unseen;
      expect(tail).toEqual(tailOf(await scoreRows(fitted, others), fitted.units));
    }
  });

  /** Tells how many rows it was fitted to, and of each row that it scores whether it was among them. */
  function spy(seen: { fitted: number[][] }): Detector {
    return {
      name: 'spy',
      title: 'spy',
      family: 'statistical',
      async fit(rows) {
        const own = Array.from({ length: rows.n }, (_, i) => rowAt(rows, i)[0]);
        seen.fitted.push(own);
        return {
          units: 'log',
          score(graph, x) {
            const known = graph.constant(Float32Array.from(own), [own.length]);
            const first = graph.slice(x, 0, 1, 1);
            const away = graph.abs(graph.sub(first, known));
            const least = graph.neg(graph.reduceMax(graph.neg(away), [1]));
            return least;
          },
        };
      },
    };
  }
  const numbered = (n: number) => rowsOf(n, (random, i) => [i, random.normal(), random.normal()]);

  test.each([
    ['of the sample', 'input', 80],
    ['of the autoencoder, with too few unseen', 'code', 19],
  ] as const)('are each fifth in turn, by a fit to the others: %s', async (_name, view, others) => {
    const seen = { fitted: [] as number[][] };
    const rows = numbered(103);
    const [member] = await fitAll([{ detector: spy(seen), view }], 0, rows, clusters(others));
    expect(seen.fitted[0]).toEqual(Array.from({ length: 103 }, (_, i) => i));
    const left = seen.fitted.slice(1).map((own) => {
      expect(own).toEqual(own.toSorted((a, b) => a - b));
      return Array.from({ length: 103 }, (_, i) => i).filter((i) => !own.includes(i));
    });
    expect(left).toHaveLength(5);
    expect(left.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, i) => i));
    // No row was scored by a fit that knew it: the nearest number known is at least 1 away.
    expect(member.tail.median).toBe(1);
  });

  test('of more than 5,000 rows are one part of them', async () => {
    const seen = { fitted: [] as number[][] };
    await fitAll([{ detector: spy(seen), view: 'input' }], 0, numbered(5001));
    expect(seen.fitted.map(({ length }) => length)).toEqual([5001, 5001 - 1001]);
  });

  test('without the most suspicious ones, of the unseen as well', async () => {
    const seen = { fitted: [] as number[][] };
    const far = (n: number) =>
      rowsOf(n, (random, i) => (i < n / 20 ? [-1 - i, 40, 40] : [i / n, random.normal(), random.normal()]));
    await fitAll([{ detector: spy(seen), view: 'code' }], 0.3, far(200), far(100));
    expect(seen.fitted).toHaveLength(1);
    expect(seen.fitted[0]).toHaveLength(140);
    expect(Math.min(...seen.fitted[0])).toBeGreaterThanOrEqual(0);
    const [member] = await fitAll([{ detector: squaredError, view: 'difference' }], 0.3, far(200), far(100));
    const plain = await fitAll([{ detector: squaredError, view: 'difference' }], 0, far(200), far(100));
    // What is usual for a feature is that of the trusted rows; how scores are spread is that of all.
    expect(member.usual).not.toEqual(plain[0].usual);
    expect(member.usual![1]).toBeLessThan(plain[0].usual![1]);
    expect(member.tail).toEqual(plain[0].tail);
  });

  test('is as surprised as it says, though the most suspicious rows are set aside', async () => {
    const ordinary = (n: number, seed: number) =>
      rowsOf(n, (random) => Array.from({ length: D }, () => random.normal()), seed);
    const members = await fitAll(
      [
        { detector: knn, view: 'input' },
        { detector: mixture, view: 'projection' },
      ],
      0.3,
      ordinary(2000, 1),
      ordinary(200, 2),
    );
    const { each } = await fused(members, ordinary(5000, 3));
    for (let j = 0; j < 2; j++) {
      const surprises = each.filter((_, p) => p % 2 === j);
      const beyond = surprises.filter((value) => value >= -Math.log(0.01)).length / 5000;
      expect(beyond).toBeGreaterThan(0.003);
      expect(beyond).toBeLessThan(0.03);
    }
  });
});

describe('contamination', () => {
  test('a cluster of anomalies among the training rows hides no more once it is set aside', async () => {
    const ordinary = (n: number, seed: number) =>
      rowsOf(n, (random) => Array.from({ length: D }, () => random.normal()), seed);
    const planted = (n: number, seed: number) =>
      rowsOf(n, (random) => [5, -5, 5].map((at) => at + 0.5 * random.normal()), seed);
    const both = (a: Matrix, b: Matrix): Matrix => ({
      values: Float32Array.from([...a.values, ...b.values]),
      n: a.n + b.n,
      d: D,
    });
    const rows = both(ordinary(380, 1), planted(20, 2));
    const others = both(ordinary(76, 3), planted(4, 4));
    const found = async (contamination: number) => {
      const members = await fitAll(
        [
          { detector: knn, view: 'input' },
          { detector: mixture, view: 'projection' },
        ],
        contamination,
        rows,
        others,
      );
      const usual = (await fused(members, ordinary(300, 5))).score;
      return auroc(usual, (await fused(members, planted(60, 6))).score);
    };
    const [kept, aside] = [await found(0), await found(0.3)];
    expect(aside).toBeGreaterThan(0.999);
    expect(kept).toBeLessThan(0.9);
  });
});

describe('where most rows are equal', () => {
  const mostly = (share: number, n: number) =>
    rowsOf(n, (random) =>
      random.uniform() < share ? [0, 0, 0] : Array.from({ length: D }, () => random.normal()),
    );
  const fitWith = async (detector: Detector, rows: Matrix, contamination: number) => {
    const warnings: string[] = [];
    const members = await fitEnsemble(
      [{ detector, view: 'input' }],
      { train: rowsFor(rows), unseen: rowsFor(rows) },
      { seed: 1, contamination, onWarning: (text) => warnings.push(text) },
    );
    return { members, warnings };
  };
  const queries = matrix([
    [0, 0, 0],
    [1, 1, 1],
    [5, 5, 5],
    [1e3, -1e3, 1e3],
    [1e9, 1e9, 1e9],
  ]);

  for (const share of [0.9, 0.99]) {
    for (const [name, detector] of Object.entries(DETECTORS)) {
      test(`${name} tells the others from ${100 * share} % equal ones, in finite scores`, async () => {
        const { members, warnings } = await fitWith(detector, mostly(share, 600), 0.3);
        const [usual, ...others] = (await fused(members, queries)).score;
        expect([usual, ...others].every((score) => Number.isFinite(score) && score < 1e12)).toBe(true);
        expect(others[0]).toBeGreaterThan(usual + 1);
        expect(warnings.length).toBe(Number(name === 'isolation_forest'));
      });
    }
  }

  test('fewer are set aside for an isolation forest, and a warning says so', async () => {
    const { members, warnings } = await fitWith(isolationForest, mostly(0.9, 2000), 0.3);
    expect(warnings).toEqual([
      'isolation_forest:input gives every row the same score if the most suspicious 30 % of the samples are set aside, as most of the others are equal: it is fitted without 7.5 %',
    ]);
    const { score } = await fused(members, queries);
    // As surprising as what one row in ten is, not as what none is.
    for (const far of score.subarray(1)) expect(far).toBeGreaterThan(score[0] + 1);
    expect(Math.max(...score)).toBeLessThan(20);
  });

  test('a detector that tells nothing whatever is set aside is said to', async () => {
    const flat: Detector = {
      ...squaredError,
      name: 'flat',
      fit: async () => ({ units: 'log', score: (graph, x) => graph.mul(graph.reduceSum(x, [1]), 0) }),
    };
    for (const contamination of [0, 0.3]) {
      const { members, warnings } = await fitWith(flat, clusters(200), contamination);
      expect(warnings).toEqual([
        'flat:input gives every row the same score, so it says nothing about these data: choose another detector',
      ]);
      expect((await fused(members, queries)).score.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('what accounts for the score', () => {
  test('are the shares in units of the usual, by member, weighed by its surprise', async () => {
    const chosen: Member[] = [
      { detector: knn, view: 'input' },
      { detector: lof, view: 'input' },
      { detector: mahalanobis, view: 'input' },
      { detector: mahalanobis, view: 'code' },
      { detector: squaredError, view: 'difference' },
    ];
    const members = await fitAll(chosen);
    // A detector without shares, and one of a view whose columns are not the sample's, say nothing.
    expect(members.map(({ usual }) => !!usual)).toEqual([true, false, true, false, true]);
    const shares = await explained(members, fresh);
    const { each } = await fused(members, fresh);
    const expected = new Float64Array(fresh.n * D);
    for (const [k, { fitted, usual, view }] of members.entries()) {
      if (!fitted.shares || !usual) continue;
      const own = await runSubgraph(
        (graph, x) => fitted.shares!(graph, x),
        view === 'difference' ? halved(fresh) : fresh,
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

  test('the usual is the mean share over the rows that it is judged by, and never nothing', async () => {
    const flat = (rows: Matrix) => ({ ...rows, values: rows.values.map((v, p) => (p % D === 2 ? 1 : v)) });
    const [{ usual, fitted }] = await fitAll([{ detector: squaredError, view: 'difference' }]);
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), halved(unseen));
    for (let j = 0; j < D; j++) {
      const mean = shares.filter((_, p) => p % D === j).reduce((a, b) => a + b) / unseen.n;
      expect(usual![j]).toBeCloseTo(mean, 4);
    }
    const [{ usual: still }] = await fitAll([{ detector: knn, view: 'input' }], 0, flat(train), flat(unseen));
    // A column that never differs has a tenth of the mean over the columns.
    expect(still![2] / ((still![0] + still![1]) / 3 / 10)).toBeCloseTo(1, 4);
  });

  test('they are 1 in all, or all 0 where nothing is found', async () => {
    const rows = rowsOf(200, (random, i) =>
      i < 40 ? [0, 0, 0] : [2 * random.normal(), random.normal(), random.normal()],
    );
    const members = await fitAll([{ detector: knn, view: 'input' }], 0, rows);
    const shares = await explained(
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

  test('if no member tells, it is the squared error of the reconstruction', async () => {
    const members = await fitAll([{ detector: lof, view: 'code' }]);
    const shares = await explained(members, matrix([[1, 2, 2]]));
    for (const [j, value] of [1 / 9, 4 / 9, 4 / 9].entries()) expect(shares[j]).toBeCloseTo(value, 6);
  });

  test('the column that is off has most of it', async () => {
    const members = await fitAll(MEMBERS.slice(0, 3));
    const off = selectRows(
      fresh,
      Array.from({ length: 20 }, (_, i) => i),
    );
    for (let i = 0; i < 20; i++) off.values[i * D + (i % D)] += 40;
    const shares = await explained(members, off);
    for (let i = 0; i < 20; i++) expect(shares[i * D + (i % D)]).toBeGreaterThan(0.5);
  });
});

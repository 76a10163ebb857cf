import { describe, expect, test } from 'vitest';
import { auroc } from '../../../bundle/metrics.ts';
import type { Detector } from '../../../training/detectors/detector.ts';
import { hbos } from '../../../training/detectors/hbos.ts';
import { isolationForest } from '../../../training/detectors/isolation-forest.ts';
import { knn } from '../../../training/detectors/knn.ts';
import { lof } from '../../../training/detectors/lof.ts';
import { mahalanobis } from '../../../training/detectors/mahalanobis.ts';
import { mixture } from '../../../training/detectors/mixture.ts';
import { squaredError } from '../../../training/detectors/reconstruction.ts';
import { DETECTORS } from '../../../training/detectors/registry.ts';
import { runDetector } from '../../../training/detectors/run.ts';
import { fitTail } from '../../../training/detectors/tail.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { fitMembers, type Member, memberName } from '../../../training/scorer/ensemble.ts';
import { clusters, matrix, rowAt, rowsOf } from '../detectors/points.ts';
import { D, fitAll, halve, rowsFor, scoreFused, train, unseen } from './ensembles.ts';

describe('the rows that a tail is fitted to', () => {
  test('are the unseen ones for views of the autoencoder', async () => {
    for (const view of ['code', 'difference'] as const) {
      const [{ fitted, tail }] = await fitAll([{ detector: mahalanobis, view }]);
      const others = view === 'difference' ? halve(unseen) : unseen;
      expect(tail).toEqual(fitTail(await runDetector(fitted, others), fitted.units));
    }
  });

  /** A detector that records the rows it is fitted to; the score is the distance to the nearest of them. */
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
    ['a view of the sample', 'input', 80],
    ['a view of the autoencoder, with too few unseen rows', 'code', 19],
  ] as const)('are each fifth in turn, with a fit to the others: %s', async (_name, view, others) => {
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
    // No row was scored by a fit that included it: the nearest number in the fit is at least 1 away.
    expect(member.tail.median).toBe(1);
  });

  test('are one part of more than 5,000 rows', async () => {
    const seen = { fitted: [] as number[][] };
    await fitAll([{ detector: spy(seen), view: 'input' }], 0, numbered(5001));
    expect(seen.fitted.map(({ length }) => length)).toEqual([5001, 5001 - 1001]);
  });

  test('include the suspicious ones, which the fit and the usual shares leave out', async () => {
    const seen = { fitted: [] as number[][] };
    const far = (n: number) =>
      rowsOf(n, (random, i) => (i < n / 20 ? [-1 - i, 40, 40] : [i / n, random.normal(), random.normal()]));
    await fitAll([{ detector: spy(seen), view: 'code' }], 0.3, far(200), far(100));
    expect(seen.fitted).toHaveLength(1);
    expect(seen.fitted[0]).toHaveLength(140);
    expect(Math.min(...seen.fitted[0])).toBeGreaterThanOrEqual(0);
    const [member] = await fitAll([{ detector: squaredError, view: 'difference' }], 0.3, far(200), far(100));
    const plain = await fitAll([{ detector: squaredError, view: 'difference' }], 0, far(200), far(100));
    // Usual shares come from the trusted rows, tails from all rows.
    expect(member.usual).not.toEqual(plain[0].usual);
    expect(member.usual![1]).toBeLessThan(plain[0].usual![1]);
    expect(member.tail).toEqual(plain[0].tail);
  });

  test('give the numbers of a column the usual share of the column', async () => {
    const member = [{ detector: squaredError, view: 'difference' as const }];
    const rows = { train: rowsFor(train), unseen: rowsFor(unseen) };
    const [each] = await fitMembers(member, rows, { seed: 1, contamination: 0 });
    const columns = Uint32Array.of(0, 0, 1);
    const [joined] = await fitMembers(member, rows, { seed: 1, contamination: 0, columns });
    const [a, b, c] = each.usual!;
    expect(joined.usual![0]).toBeCloseTo(a! + b!, 5);
    expect(joined.usual![1]).toBe(joined.usual![0]);
    expect(joined.usual![2]).toBeCloseTo(c!, 5);
    expect(joined.tail).toEqual(each.tail);
  });

  test('make surprises right, though the most suspicious rows are set aside', async () => {
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
    const { each } = await scoreFused(members, ordinary(5000, 3));
    for (let j = 0; j < 2; j++) {
      const surprises = each.filter((_, p) => p % 2 === j);
      const beyond = surprises.filter((value) => value >= -Math.log(0.01)).length / 5000;
      expect(beyond).toBeGreaterThan(0.003);
      expect(beyond).toBeLessThan(0.03);
    }
  });
});

describe('contamination', () => {
  test('a cluster of anomalies among the training rows is found once it is set aside', async () => {
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
      const usual = (await scoreFused(members, ordinary(300, 5))).score;
      return auroc(usual, (await scoreFused(members, planted(60, 6))).score);
    };
    const [kept, aside] = [await found(0), await found(0.3)];
    expect(aside).toBeGreaterThan(0.999);
    expect(kept).toBeLessThan(0.9);
  });

  test('does not keep rows from a detector that resists anomalies itself', async () => {
    const sizes: Record<string, number> = {};
    const spy = (name: string, resistant?: true): Detector => ({
      ...hbos,
      name,
      ...(resistant && { resistant }),
      fit(rows, options) {
        sizes[name] ??= rows.n;
        return hbos.fit(rows, options);
      },
    });
    const members = [spy('plain'), spy('resistant', true)].map((detector) => ({
      detector,
      view: 'input' as const,
    }));
    await fitAll(members, 0.3);
    expect(sizes).toEqual({ plain: 0.7 * train.n, resistant: train.n });
  });
});

describe('data with mostly equal rows', () => {
  const mostlyEqual = (share: number, n: number) =>
    rowsOf(n, (random) =>
      random.uniform() < share ? [0, 0, 0] : Array.from({ length: D }, () => random.normal()),
    );
  const fitWarned = async (detector: Detector, rows: Matrix, contamination: number) => {
    const warnings: string[] = [];
    const members = await fitMembers(
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
    test.each(Object.entries(DETECTORS))(
      `%s tells the others from ${100 * share}%% equal rows`,
      async (name, detector) => {
        const { members, warnings } = await fitWarned(detector, mostlyEqual(share, 600), 0.3);
        const { score } = await scoreFused(members, queries);
        expect(score.every((value) => Number.isFinite(value) && value < 1e12)).toBe(true);
        expect(score[1]).toBeGreaterThan(score[0] + 1);
        expect(warnings).toHaveLength(name === 'isolation_forest' ? 1 : 0);
      },
    );
  }

  test('an isolation forest is fitted with a smaller share set aside, and a warning says so', async () => {
    const { members, warnings } = await fitWarned(isolationForest, mostlyEqual(0.9, 2000), 0.3);
    expect(warnings).toEqual([
      'isolation_forest:input gives every row the same score if the most suspicious 30% of the samples are set aside, because most of the others are equal: it is fitted with only 7.5% set aside',
    ]);
    const { score } = await scoreFused(members, queries);
    for (const far of score.subarray(1)) expect(far).toBeGreaterThan(score[0] + 1);
    expect(Math.max(...score)).toBeLessThan(20);
  });

  test('a warning names a detector that gives every row the same score in any case', async () => {
    const flat: Detector = {
      ...squaredError,
      name: 'flat',
      fit: async () => ({ units: 'log', score: (graph, x) => graph.mul(graph.reduceSum(x, [1]), 0) }),
    };
    for (const contamination of [0, 0.3]) {
      const { members, warnings } = await fitWarned(flat, clusters(200), contamination);
      expect(warnings).toEqual([
        'flat:input gives every row the same score, so it says nothing about this data: choose another detector',
      ]);
      expect((await scoreFused(members, queries)).score.every(Number.isFinite)).toBe(true);
    }
  });
});

test('onMember gets the name of each member, in order', async () => {
  const seen: string[] = [];
  const members: Member[] = [
    { detector: knn, view: 'input' },
    { detector: mahalanobis, view: 'projection' },
    { detector: lof, view: 'code' },
    { detector: squaredError, view: 'difference' },
  ];
  await fitMembers(
    members,
    { train: rowsFor(train), unseen: rowsFor(unseen) },
    { seed: 1, contamination: 0, onMember: (name) => seen.push(name) },
  );
  expect(seen).toEqual(members.map(memberName));
});

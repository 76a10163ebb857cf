import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averagePrecision, binomialInterval, operatingCurve } from '../../../bundle/metrics.ts';
import { rankValues, spearman } from '../../../bundle/rank.ts';
import { computeCost, computeF1, findOperatingPoint, type Target } from '../../../bundle/thresholds.ts';
import { DataError } from '../../../training/data/datasets/error.ts';
import { parseLabels } from '../../../training/evaluate/labels.ts';

// Few different scores, so that there are ties.
const scores = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 25 });
const f32 = (values: readonly number[]) => Float32Array.from(values);

/** What flagging all scores from `t` upwards finds, by counting. */
function countFlagged(normal: readonly number[], outliers: readonly number[], t: number) {
  const tp = outliers.filter((score) => score >= t).length;
  const fp = normal.filter((score) => score >= t).length;
  return { tp, fp, precision: tp / (tp + fp), recall: tp / outliers.length };
}

test('the curve has what flagging from each score upwards finds', () => {
  fc.assert(
    fc.property(scores, scores, (normal, outliers) => {
      const { threshold, falsePositives, truePositives } = operatingCurve(f32(normal), f32(outliers));
      const distinct = [...new Set([...normal, ...outliers])].sort((a, b) => b - a);
      expect([...threshold]).toEqual(distinct);
      for (const [k, t] of distinct.entries()) {
        const { tp, fp } = countFlagged(normal, outliers, t);
        expect([truePositives[k], falsePositives[k]]).toEqual([tp, fp]);
      }
    }),
  );
});

test('average precision sums each precision times its gain in recall', () => {
  fc.assert(
    fc.property(scores, scores, (normal, outliers) => {
      let sum = 0;
      let recall = 0;
      for (const t of [...new Set([...normal, ...outliers])].sort((a, b) => b - a)) {
        const at = countFlagged(normal, outliers, t);
        if (at.recall > recall) sum += (at.recall - recall) * at.precision;
        recall = at.recall;
      }
      expect(averagePrecision(f32(normal), f32(outliers))).toBeCloseTo(sum, 10);
    }),
  );
  // The example in scikit-learn's documentation.
  expect(averagePrecision(f32([0.1, 0.4]), f32([0.35, 0.8]))).toBeCloseTo(0.8333, 4);
});

describe('a threshold', () => {
  const target: fc.Arbitrary<Target> = fc.oneof(
    fc.constant({ f1: true } as const),
    fc.record({ precision: fc.double({ min: 0.01, max: 0.99, noNaN: true }) }),
    fc.record({ recall: fc.double({ min: 0.01, max: 0.99, noNaN: true }) }),
    fc.record({
      cost: fc.record({
        false_positive: fc.integer({ min: 1, max: 9 }),
        false_negative: fc.integer({ min: 1, max: 9 }),
      }),
    }),
  );

  test('is the best of all candidates', () => {
    fc.assert(
      fc.property(scores, scores, target, (normal, outliers, wanted) => {
        const found = findOperatingPoint(operatingCurve(f32(normal), f32(outliers)), outliers.length, wanted);
        const all = [...new Set([...normal, ...outliers]), Number.POSITIVE_INFINITY].map((t) => ({
          t,
          ...countFlagged(normal, outliers, t),
        }));
        const cost = ({ tp, fp }: { tp: number; fp: number }) =>
          'cost' in wanted
            ? fp * wanted.cost.false_positive + (outliers.length - tp) * wanted.cost.false_negative
            : 0;
        if ('cost' in wanted) {
          expect(computeCost(found!, wanted.cost)).toBe(Math.min(...all.map(cost)));
          return;
        }
        if ('f1' in wanted) {
          const f1 = ({ precision, recall }: (typeof all)[number]) =>
            recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
          expect(computeF1(found!)).toBeCloseTo(Math.max(...all.map(f1)), 12);
          return;
        }
        const [good, best] =
          'precision' in wanted
            ? [all.filter((one) => one.precision >= wanted.precision), 'recall' as const]
            : [all.filter((one) => one.recall >= wanted.recall), 'precision' as const];
        if (good.length === 0) expect(found).toBeUndefined();
        else {
          const own = all.find(({ t }) => t === found!.threshold)!;
          expect(good).toContain(own);
          expect(own[best]).toBe(Math.max(...good.map((one) => one[best])));
          const equal = good.filter((one) => one[best] === own[best]);
          expect(own.t).toBe(Math.max(...equal.map(({ t }) => t)));
        }
      }),
    );
  });
});

test('the interval for a share is Wilson’s', () => {
  // For 0 of n it is 0 to z² / (n + z²); for 81 of 263, Newcombe 1998 has 0.2553 to 0.3662.
  expect(binomialInterval(0, 10)[0]).toBe(0);
  expect(binomialInterval(0, 10)[1]).toBeCloseTo(1.95996 ** 2 / (10 + 1.95996 ** 2), 4);
  const [low, high] = binomialInterval(81, 263);
  expect([low, high].map((x) => x.toFixed(4))).toEqual(['0.2553', '0.3662']);
  // Its ends are where the score test just rejects.
  for (const p of [low, high]) {
    expect(Math.abs(81 / 263 - p) / Math.sqrt((p * (1 - p)) / 263)).toBeCloseTo(1.96, 3);
  }
});

test('ranks count the smaller values, and half of the equal ones', () => {
  fc.assert(
    fc.property(scores, (values) => {
      const smaller = values.map((x) => values.filter((y) => y < x).length);
      const by = values.map((x, i) => smaller[i] + (values.filter((y) => y === x).length + 1) / 2);
      const { rank, below } = rankValues(f32(values));
      expect([...rank]).toEqual(by);
      expect([...below]).toEqual(smaller);
    }),
  );
});

test('Spearman’s correlation is 1 − 6 Σ d² / n (n² − 1) without ties, and does not change with the scale', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: -99, max: 99 }), { minLength: 3, maxLength: 20 }), (a) => {
      const b = a.map((x, i) => ((x * 7919 + i * 104_729) % 997) + i / 1000);
      const [{ rank: x }, { rank: y }] = [rankValues(f32(a)), rankValues(f32(b))];
      const n = a.length;
      const squares = x.reduce((sum, rank, i) => sum + (rank - y[i]) ** 2, 0);
      expect(spearman(f32(a), f32(b))).toBeCloseTo(1 - (6 * squares) / (n * (n * n - 1)), 10);
      expect(spearman(f32(a), f32(a.map((value) => Math.exp(value / 50))))).toBeCloseTo(1, 10);
    }),
  );
  expect(spearman(f32([1, 1]), f32([1, 2]))).toBeNaN();
});

describe('labels', () => {
  test('say which of two is anomalous', () => {
    expect(parseLabels('f', 'c', ['no', 'yes', 'no'])).toEqual({
      anomalous: Uint8Array.of(0, 1, 0),
      words: { anomalous: 'yes', normal: 'no' },
    });
    expect([...parseLabels('f', 'c', [1, -1, 1], '-1').anomalous]).toEqual([0, 1, 0]);
    expect(() => parseLabels('f', 'c', [1, -1, 1])).toThrow('name it with --anomalous VALUE');
    // Words tell even where most rows are anomalous; 1 may be the usual value of another thing.
    expect([...parseLabels('f', 'c', ['attack', 'normal', 'attack']).anomalous]).toEqual([1, 0, 1]);
    expect(() => parseLabels('f', 'c', [1, 0, 1])).toThrow('name it with --anomalous VALUE');
    expect([...parseLabels('f', 'c', [false, true]).anomalous]).toEqual([0, 1]);
    expect([...parseLabels('f', 'c', ['0.0', '1.0']).anomalous]).toEqual([0, 1]);
  });

  test('with many values, the named one is anomalous', () => {
    expect(parseLabels('f', 'c', [3n, 9n, 4n], '9')).toEqual({
      anomalous: Uint8Array.of(0, 1, 0),
      words: { anomalous: '9', normal: null },
    });
  });

  test('in any spelling are the named one, unless different ones differ in case alone', () => {
    const marked = (cells: string[], given?: string) => [...parseLabels('f', 'c', cells, given).anomalous];
    expect(marked(['Attack', 'ok', 'attack', 'ok'], 'attack')).toEqual([1, 0, 1, 0]);
    expect(marked(['Attack', 'ok', 'ATTACK', 'scan'], 'attack')).toEqual([1, 0, 1, 0]);
    expect(marked(['Attack', 'Normal', 'attack', 'normal', 'normal'])).toEqual([1, 0, 1, 0, 0]);
    expect(marked(['N', 'n', 'n'], 'n')).toEqual([0, 1, 1]);
    expect(marked(['A', 'a', 'N', 'V'], 'a')).toEqual([0, 1, 0, 0]);
    expect(marked(['A', 'N', 'V'], 'a')).toEqual([1, 0, 0]);
    expect(() => marked(['Fault', 'fault'], 'FAULT')).toThrow('no label is FAULT');
    const known = parseLabels('f', 'c', ['scan', 'OK', 'Scan', 'ok'], 'scan', 'ok');
    expect([...known.anomalous]).toEqual([1, 0, 1, 0]);
  });

  for (const [cells, anomalous, sentence] of [
    [['a', null], undefined, 'f: row 2 (counted from 1, without the header), column c: the label is missing'],
    [['a', 'a'], undefined, 'f: column c: every label is "a": at least two different labels are needed'],
    [
      ['a', 'b'],
      undefined,
      'f: column c: cannot tell which of "a", "b" is anomalous: name it with --anomalous VALUE',
    ],
    [['a', 'b'], 'z', 'f: column c: no label is z; there are "a", "b"'],
  ] as const) {
    test(sentence, () => {
      expect(() => parseLabels('f', 'c', cells, anomalous)).toThrow(DataError);
      expect(() => parseLabels('f', 'c', cells, anomalous)).toThrow(sentence);
    });
  }
});

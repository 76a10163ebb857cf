import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auroc,
  aurocInterval,
  averagePrecision,
  averagePrecisionInterval,
  rocCurve,
} from '../../../bundle/metrics.ts';
import { findThreshold } from '../../../bundle/p-value.ts';
import { Random } from '../../../kernels/random.ts';
import { histogram, logEdges } from '../../../training/evaluate/metrics.ts';

/** Few distinct values, so that there are ties. */
const scores = (minLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength: 40 })
    .map((list) => Float32Array.from(list));

describe('AUROC', () => {
  test('is the share of pairs in which the outlier scores higher, ties counting half', () => {
    fc.assert(
      fc.property(scores(1), scores(1), (normal, outliers) => {
        let wins = 0;
        for (const o of outliers) for (const s of normal) wins += o > s ? 1 : o === s ? 0.5 : 0;
        expect(auroc(normal, outliers)).toBeCloseTo(wins / (normal.length * outliers.length), 10);
      }),
    );
  });

  test('is the area under the ROC curve, whose ends are (0, 0) and (1, 1)', () => {
    fc.assert(
      fc.property(scores(1), scores(1), (normal, outliers) => {
        const { fpr, tpr } = rocCurve(normal, outliers, Number.POSITIVE_INFINITY);
        let area = 0;
        for (let i = 1; i < fpr.length; i++) area += ((fpr[i] - fpr[i - 1]) * (tpr[i] + tpr[i - 1])) / 2;
        expect(area).toBeCloseTo(auroc(normal, outliers), 10);
        expect([fpr[0], tpr[0], fpr.at(-1), tpr.at(-1)]).toEqual([0, 0, 1, 1]);
      }),
    );
  });

  test('a thinned curve is small and keeps the area', () => {
    const normal = Float32Array.from({ length: 10_000 }, (_, i) => i);
    const outliers = normal.map((v) => v * 1.5 + 1000);
    const { fpr, tpr } = rocCurve(normal, outliers);
    expect(fpr.length).toBeLessThan(420);
    let area = 0;
    for (let i = 1; i < fpr.length; i++) area += ((fpr[i] - fpr[i - 1]) * (tpr[i] + tpr[i - 1])) / 2;
    expect(area).toBeCloseTo(auroc(normal, outliers), 3);
  });
});

describe('the interval of an area', () => {
  // Two normal distributions, one deviation apart: Φ(1 / √2) of the pairs are in order.
  const TRUE_AREA = 0.7602499389;
  const random = new Random(4);
  const sample = (count: number, mean: number) =>
    Float32Array.from({ length: count }, () => mean + random.normal());

  test('holds the true AUROC in about 95 of 100 samples', () => {
    let held = 0;
    for (let run = 0; run < 600; run++) {
      const [low, high] = aurocInterval(sample(50, 0), sample(25, 1));
      held += Number(low <= TRUE_AREA && TRUE_AREA <= high);
    }
    expect(held / 600).toBeGreaterThan(0.925);
    expect(held / 600).toBeLessThan(0.985);
  });

  test('is within 0 to 1, around the area, and not empty where all scores are in order', () => {
    fc.assert(
      fc.property(scores(1), scores(1), (normal, outliers) => {
        const precision = averagePrecision(normal, outliers);
        for (const [value, [low, high]] of [
          [auroc(normal, outliers), aurocInterval(normal, outliers)],
          [precision, averagePrecisionInterval(precision, outliers.length)],
        ] as const) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(value + 1e-12);
          expect(high).toBeGreaterThanOrEqual(value - 1e-12);
          expect(high - low).toBeGreaterThan(0);
        }
      }),
    );
    const [low, high] = aurocInterval(Float32Array.of(1, 2, 3), Float32Array.of(4, 5));
    expect(low).toBeLessThan(0.5);
    expect(high).toBe(1);
  });
});

test('a score is above the threshold of a level exactly when its p-value is at or below the level', () => {
  fc.assert(
    fc.property(
      scores(5),
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(0.05, 0.1, 0.25, 0.5),
      (cal, s, level) => {
        const p = (1 + cal.filter((value) => value >= s).length) / (cal.length + 1);
        const limit = findThreshold(cal.toSorted(), level);
        if (limit === undefined) expect(level).toBeLessThan(1 / (cal.length + 1));
        else expect(s > limit).toBe(p <= level + 1e-9);
      },
    ),
  );
});

describe('the histogram', () => {
  const values = Float32Array.of(0.01, 0.1, 0.1, 1, 10, 100);
  const edges = logEdges([values], 4);

  test('has edges at equal ratios from the smallest value to the largest', () => {
    for (const [i, edge] of [0.01, 0.1, 1, 10, 100].entries()) expect(edges[i]).toBeCloseTo(edge, 5);
  });

  test('counts every value once, with those beyond the edges in the outer bins', () => {
    const shares = histogram(Float32Array.of(0.001, 0.05, 0.5, 5, 50, 5000), [0.01, 0.1, 1, 10, 100]);
    expect(shares.map((share) => Math.round(6 * share))).toEqual([2, 1, 1, 2]);
  });
});

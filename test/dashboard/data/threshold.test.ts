import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { benjaminiHochberg } from '../../../bundle/multiple-testing.ts';
import { lowestSignificance } from '../../../bundle/p-value.ts';
import {
  bestLevel,
  costOf,
  measureCurves,
  measureThreshold,
  testRowsOf,
} from '../../../dashboard/data/threshold.ts';
import { thresholdLine } from '../../../dashboard/data/threshold-line.ts';
import { pointsOf } from './points.ts';

const CALIBRATION = 99;

/** Test rows from scores: a row's p-value falls as its score rises. */
function rowsOf(
  given: readonly { score: number; anomalous?: boolean }[],
  { split = 'test', label = 'fault' as string | null, anomalous = undefined as string | undefined } = {},
) {
  const points = pointsOf(
    given.map(({ score, anomalous }) => ({
      score,
      pValue: Math.max(1, 100 - score) / 100,
      label: anomalous === undefined ? -1 : Number(anomalous),
    })),
  );
  const splits = ['test', 'train'];
  points.split[0] = splits.indexOf(split);
  const labelled = given.some(({ anomalous }) => anomalous !== undefined)
    ? { class: anomalous, count: 1, anomalous: 1, auroc: 1, average_precision: 1, detectors: [] }
    : null;
  return testRowsOf({
    manifest: { scorer: { calibration_count: CALIBRATION }, data: { classes: ['defect', 'good'], label } },
    report: { detection: { labelled } },
    points: { ...points, splits },
  });
}

const scores = fc.array(fc.record({ score: fc.integer({ min: 1, max: 99 }), anomalous: fc.boolean() }), {
  minLength: 2,
  maxLength: 40,
});

describe('a threshold', () => {
  const rows = rowsOf([
    { score: 99, anomalous: true },
    { score: 98, anomalous: false },
    { score: 97, anomalous: true },
    { score: 40, anomalous: true },
    { score: 10, anomalous: false },
  ]);

  test('flags p-values up to the level, and says what is right of it', () => {
    const { flagged, share, labelled } = measureThreshold(rows, 0.03);
    expect([flagged, share]).toEqual([3, 0.6]);
    expect(labelled).toMatchObject({
      true_positives: 2,
      false_positives: 1,
      precision: 2 / 3,
      recall: 2 / 3,
      f1: 2 / 3,
      false_positive_rate: 0.5,
    });
    expect(costOf(labelled!, 3, { false_positive: 1, false_negative: 20 })).toBe(21);
  });

  test('has no precision and no rate of false discoveries where nothing is flagged', () => {
    const { flagged, falseDiscoveries, labelled } = measureThreshold(rows, 0.001);
    expect([flagged, falseDiscoveries, labelled!.precision]).toEqual([0, null, null]);
  });

  test('leaves out rows of other splits, and labels that are not binary', () => {
    expect(rowsOf([{ score: 99 }, { score: 1 }], { split: 'train' }).score.length).toBe(1);
    expect(rowsOf([{ score: 99 }, { score: 1 }]).labelled).toBeUndefined();
    expect(
      rowsOf([
        { score: 9, anomalous: false },
        { score: 8, anomalous: false },
      ]).labelled,
    ).toBeUndefined();
  });

  test('takes the class that the report names for the anomalous one; of folders, older reports name none', () => {
    const given = [
      { score: 90, anomalous: false },
      { score: 20, anomalous: true },
    ];
    const scoresOf = (of: Parameters<typeof rowsOf>[1]) =>
      rowsOf(given, of).labelled?.scores.map((some) => [...some]);
    expect(scoresOf({ label: null, anomalous: 'defect' })).toEqual([[20], [90]]);
    expect(scoresOf({ label: null, anomalous: 'good' })).toEqual([[90], [20]]);
    expect(scoresOf({ label: 'fault' })).toEqual([[90], [20]]);
    expect(scoresOf({ label: null })).toBeUndefined();
  });

  test('discovers what Benjamini and Hochberg discover at the estimated rate', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 60 }), (given, percent) => {
        const rows = rowsOf(given);
        const figures = measureThreshold(rows, percent / 100);
        if (figures.falseDiscoveries === null || figures.falseDiscoveries >= 1) return;
        const found = benjaminiHochberg([...rows.pValue], figures.falseDiscoveries);
        expect(found.count).toBeGreaterThanOrEqual(figures.flagged);
      }),
    );
  });

  test('is best by F1 or by cost if no other level is better', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 30 }), (given, miss) => {
        const rows = rowsOf(given);
        if (!rows.labelled) return;
        const anomalous = rows.labelled.scores[1].length;
        const prices = { false_positive: 1, false_negative: miss };
        const all = Array.from({ length: 100 }, (_, i) => measureThreshold(rows, (i + 1) / 100).labelled!);
        expect(bestLevel(rows, { f1: true })!.f1).toBeCloseTo(Math.max(...all.map(({ f1 }) => f1)), 12);
        const costs = all.map((level) => costOf(level, anomalous, prices));
        const cheapest = bestLevel(rows, { cost: prices })!;
        expect(cheapest.cost).toBe(Math.min(...costs, miss * anomalous));
        if (cheapest.level !== null) {
          const there = measureThreshold(rows, cheapest.level).labelled!;
          expect(costOf(there, anomalous, prices)).toBe(cheapest.cost);
        }
      }),
    );
  });
});

test('the curves go through every level, within their intervals', () => {
  fc.assert(
    fc.property(scores, (given) => {
      const rows = rowsOf(given);
      if (!rows.labelled) return;
      const { points } = measureCurves(rows.labelled);
      for (const { recall, recallInterval, precision, precisionInterval } of points) {
        expect(recallInterval[0]).toBeLessThanOrEqual(recall);
        expect(recallInterval[1]).toBeGreaterThanOrEqual(recall);
        expect(precisionInterval[0]).toBeLessThanOrEqual(precision);
        expect(precisionInterval[1]).toBeGreaterThanOrEqual(precision);
      }
      for (let level = 0.01; level <= 1; level += 0.01) {
        const { labelled } = measureThreshold(rows, level);
        if (labelled!.flagged === 0) continue;
        expect(
          points.some(
            ({ recall, falsePositiveRate }) =>
              recall === labelled!.recall && falsePositiveRate === labelled!.false_positive_rate,
          ),
        ).toBe(true);
      }
    }),
  );
});

describe('the line', () => {
  const lineOf = (given: { score: number }[]) => thresholdLine(rowsOf(given));

  test('has the flagged rows on its right and the others on its left', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 50 }), (given, percent) => {
        const rows = rowsOf(given);
        const line = thresholdLine(rows);
        const share = line.shareOf(percent / 100);
        for (const [i, pValue] of rows.pValue.entries()) {
          const at = line.scale.toShare(rows.score[i]!);
          if (pValue <= percent / 100) expect(at).toBeGreaterThanOrEqual(share - 1e-12);
          else if (at > 0) expect(at).toBeLessThanOrEqual(share + 1e-12);
        }
      }),
    );
  });

  test('gives the level of its place, to two digits, and stays in the range of the slider', () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (given, at) => {
        const level = lineOf(given).significanceAt(at);
        expect(level).toBeGreaterThanOrEqual(lowestSignificance(CALIBRATION));
        expect(level).toBeLessThanOrEqual(0.5);
        expect(Number(level.toPrecision(2))).toBe(level);
      }),
    );
  });

  test('moves to a stricter level when it is moved to the right', () => {
    const line = lineOf(Array.from({ length: 60 }, (_, i) => ({ score: i + 40 })));
    const levels = Array.from({ length: 50 }, (_, i) => line.significanceAt(i / 50));
    expect(levels).toEqual(levels.toSorted((a, b) => b - a));
    expect(new Set(levels).size).toBeGreaterThan(20);
  });
});

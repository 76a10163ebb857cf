import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lowestSignificance } from '../../../bundle/p-value.ts';
import {
  countFlagged,
  explainLevel,
  findLowestFlagged,
  significanceScale,
} from '../../../dashboard/data/significance.ts';
import { pointsOf } from './points.ts';

test('the slider goes from the lowest level to 0.5, and its position is the level that it shows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 10_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (count, at) => {
        const scale = significanceScale(count);
        expect([scale.fromShare(0), scale.fromShare(1)]).toEqual([lowestSignificance(count), 0.5]);
        const level = scale.fromShare(at);
        expect(Number(level.toPrecision(2))).toBe(level);
        expect(scale.fromShare(scale.toShare(level))).toBe(level);
      },
    ),
  );
});

test('a slider for a single level has no NaN', () => {
  const scale = significanceScale(1);
  expect([scale.toShare(0.5), scale.fromShare(0)]).toEqual([0, 0.5]);
});

test('a typed level is used wherever the API takes it, and otherwise explained', () => {
  for (const level of [1 / 1000, 0.001, 0.05, 0.5, 1]) expect(explainLevel(level, 999)).toBeUndefined();
  expect(explainLevel(0.0009, 999)).toBe('Below 0.001, nothing can be flagged with 999 calibration samples.');
  for (const level of [0, -1, 1.01, Number.NaN]) {
    expect(explainLevel(level, 999)).toBe('Enter a number from 0.001 to 1, such as 0.05.');
  }
});

const points = pointsOf([
  { score: 3, pValue: 0.2 },
  { score: 9, pValue: 0.01 },
  { score: 5, pValue: 0.05 },
]);

test('points are flagged up to the level, the level included', () => {
  expect([0.001, 0.01, 0.05, 1].map((level) => countFlagged(points.pValue, level))).toEqual([0, 1, 2, 3]);
});

test('the threshold is the smallest flagged score or, if none is flagged, the largest score', () => {
  expect([0.05, 0.01, 0.001].map((level) => findLowestFlagged(points, level))).toEqual([5, 9, 9]);
});

test('the points with a score of at least the threshold are those that are flagged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 50 }),
      (scores, rank) => {
        // A p-value falls as the score rises.
        const rows = pointsOf(scores.map((score) => ({ score, pValue: 1 - score / 51 })));
        const level = 1 - rank / 51;
        const flagged = countFlagged(rows.pValue, level);
        if (flagged === 0) return;
        const threshold = findLowestFlagged(rows, level);
        expect(scores.filter((score) => score >= threshold).length).toBe(flagged);
      },
    ),
  );
});

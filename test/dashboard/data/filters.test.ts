import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logScale } from '../../../dashboard/common/scale.ts';
import {
  countClasses,
  countShown,
  filterPoints,
  isolateLabel,
  moveEnd,
  type Range,
  toggleLabel,
  WHOLE_RANGE,
} from '../../../dashboard/data/filters.ts';
import { pointsOf } from './points.ts';

const points = pointsOf([
  { label: 0, score: 1, pValue: 1 },
  { label: 1, score: 10, pValue: 0.1 },
  { label: 1, score: 100, pValue: 0.01 },
  { label: -1, score: 1000, pValue: 0.001 },
]);
const score = logScale(points.score);
const pValue = logScale(points.pValue);

const shownWith = ({
  hidden = [],
  scores = WHOLE_RANGE,
  pValues = WHOLE_RANGE,
}: {
  hidden?: number[];
  scores?: Range;
  pValues?: Range;
}) => [
  ...filterPoints(points, {
    hidden: new Set(hidden),
    score: { scale: score, range: scores },
    pValue: { scale: pValue, range: pValues },
  }),
];

test('without a filter every point is shown, with the extremes of both columns', () => {
  expect(shownWith({})).toEqual([1, 1, 1, 1]);
});

test('a point is shown if every filter lets it through', () => {
  expect(shownWith({ hidden: [1] })).toEqual([1, 0, 0, 1]);
  expect(shownWith({ hidden: [-1] })).toEqual([1, 1, 1, 0]);
  expect(shownWith({ scores: [score.toShare(10), 1] })).toEqual([0, 1, 1, 1]);
  expect(shownWith({ pValues: [0, pValue.toShare(0.01)] })).toEqual([0, 0, 1, 1]);
  expect(shownWith({ hidden: [-1], scores: [score.toShare(10), score.toShare(100)] })).toEqual([0, 1, 1, 0]);
  expect(countShown(Uint8Array.of(1, 0, 1))).toBe(2);
});

test('a range that begins or ends at a value shows that value', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }),
      fc.nat(29),
      (values, at) => {
        const some = pointsOf(values.map((value) => ({ score: value, pValue: 1 })));
        const scale = logScale(some.score);
        const index = at % values.length;
        const share = scale.toShare(values[index]!);
        const one = { scale: logScale(some.pValue), range: WHOLE_RANGE };
        for (const range of [[share, 1] as Range, [0, share] as Range, [share, share] as Range]) {
          const shown = filterPoints(some, { hidden: new Set(), score: { scale, range }, pValue: one });
          expect(shown[index]).toBe(1);
        }
      },
    ),
  );
});

test('classes without points are not listed, and points without a label come last', () => {
  expect(countClasses(['a', 'b', 'c'], Int16Array.of(2, -1, 0, 2))).toEqual([
    { name: 'a', label: 0, count: 1 },
    { name: 'c', label: 2, count: 2 },
    { name: 'no label', label: -1, count: 1 },
  ]);
});

test('toggling a label twice changes nothing, and does not touch the set it was given', () => {
  const hidden = new Set([3]);
  expect(toggleLabel(hidden, 3)).toEqual(new Set());
  expect(toggleLabel(toggleLabel(hidden, 5), 5)).toEqual(hidden);
  expect(hidden).toEqual(new Set([3]));
});

test('isolating a label hides all others that are listed', () => {
  const listed = countClasses(['a', 'b', 'c'], Int16Array.of(2, -1, 0, 1));
  expect(isolateLabel(listed, 1)).toEqual(new Set([0, 2, -1]));
});

test('an end of a range stops at the other end', () => {
  expect(moveEnd([0.2, 0.6], 'low', 0.4)).toEqual([0.4, 0.6]);
  expect(moveEnd([0.2, 0.6], 'low', 0.9)).toEqual([0.6, 0.6]);
  expect(moveEnd([0.2, 0.6], 'high', 0.1)).toEqual([0.2, 0.2]);
});

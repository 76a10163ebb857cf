import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  beatsMajority,
  isLabelled,
  majorityShare,
  nameOf,
  numberOf,
  spokenNameOf,
} from '../../../dashboard/data/dataset.ts';
import { detectorName } from '../../../dashboard/data/detectors.ts';
import { toPoints } from '../../../dashboard/data/load.ts';
import { digits } from '../charts/reports.ts';
import { pointsOf } from './points.ts';

const dataset = {
  classes: ['0', '7'],
  terms: digits,
  points: pointsOf([
    { id: 12, label: 1 },
    { id: 30, label: -1 },
    { id: 31, label: 1 },
  ]),
};

test('a point is named by its label and number or, without a label, by its row alone', () => {
  expect([0, 1].map((i) => [nameOf(dataset, i), numberOf(dataset, i), spokenNameOf(dataset, i)])).toEqual([
    ['Digit 7', '#12', 'Digit 7, number 12'],
    ['Image 30', '', 'Image 30'],
  ]);
});

test('no two points have the same name for screen readers', () => {
  const names = [0, 1, 2].map((i) => spokenNameOf(dataset, i));
  expect(new Set(names).size).toBe(3);
});

test('the majority share is that of the most frequent label, over labelled points only', () => {
  expect(majorityShare(dataset)).toBe(1);
  expect(majorityShare({ classes: ['a'], points: pointsOf([{}]) })).toBe(0);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 3 })), (labels) => {
      const points = pointsOf(labels.map((label) => ({ label })));
      const known = labels.filter((label) => label >= 0);
      const counts = known.map((label) => known.filter((other) => other === label).length);
      const share = known.length === 0 ? 0 : Math.max(...counts) / known.length;
      expect(majorityShare({ classes: ['a', 'b', 'c', 'd'], points })).toBeCloseTo(share, 12);
      expect(isLabelled({ points })).toBe(known.length > 0);
    }),
  );
});

test('rows of the map become columns: labels as indices, p-values exact again', () => {
  const row = { id: 5, split: 'test' as const, x: 1, y: 2, label: 'b', score: 3, p_value: Math.fround(0.05) };
  const rows = [row, { ...row, id: 9, label: null }, { ...row, label: 'unheard of' }];
  const points = toPoints(rows as Parameters<typeof toPoints>[0], ['a', 'b'], 99);
  expect(points.count).toBe(3);
  expect([...points.label]).toEqual([1, -1, -1]);
  expect([...points.id]).toEqual([5, 9, 5]);
  expect([...points.pValue]).toEqual([0.05, 0.05, 0.05]);
  expect(Math.fround(0.05)).not.toBe(0.05);
});

test('a detector is named with what it looks at only where its title does not say it', () => {
  expect(detectorName({ name: 'knn:code', title: 'distance to neighbours' })).toBe(
    'Distance to neighbours of the code',
  );
  expect(detectorName({ name: 'reconstruction:difference', title: 'reconstruction error' })).toBe(
    'Reconstruction error',
  );
  expect(detectorName({ name: 'other', title: 'one-class SVM' })).toBe('One-class SVM');
});

test('an accuracy is worth a headline only if it is clearly above that of naming the largest class', () => {
  const rare = {
    classes: ['no', 'yes'],
    points: pointsOf(Array.from({ length: 50 }, (_, i) => ({ label: Number(i === 0) }))),
  };
  expect(majorityShare(rare)).toBe(0.98);
  expect([0.97, 0.98, 0.981, 0.99].map((accuracy) => beatsMajority(accuracy, rare))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

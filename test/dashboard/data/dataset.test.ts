import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MapColumns } from '../../../bundle/map.ts';
import {
  beatsMajority,
  isLabelled,
  majorityShare,
  nameOf,
  numberOf,
  rankTested,
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

const split = { splits: ['train', 'test'], split: Int16Array.of(1, 0, 1, 1) };

test('a point outside the test split is named with its split, which may count its rows from 0 too', () => {
  const points = { ...dataset.points, ...split };
  expect([0, 1, 2].map((i) => numberOf({ points }, i))).toEqual(['#12', '', '#31']);
  const other = { ...points, label: Int16Array.of(1, 1, 1) };
  expect([1, 2].map((i) => spokenNameOf({ ...dataset, points: other }, i))).toEqual([
    'Digit 7, train number 30',
    'Digit 7, number 31',
  ]);
});

test('the ranking has the test points alone, the largest score first, of equal ones the first', () => {
  const points = { ...pointsOf([{ score: 1 }, { score: 9 }, { score: 3 }, { score: 1 }]), ...split };
  expect([...rankTested(points)]).toEqual([2, 0, 3]);
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
  const columns: MapColumns = {
    count: 3,
    id: Int32Array.of(5, 9, 5),
    split: { names: ['test'], codes: new Int16Array(3) },
    x: Float32Array.of(1, 1, 1),
    y: Float32Array.of(2, 2, 2),
    label: { names: ['b', 'unheard of'], codes: Int16Array.of(0, -1, 1) },
    score: Float32Array.of(3, 3, 3),
    p_value: new Float32Array(3).fill(0.05),
  };
  const points = toPoints(columns, ['a', 'b'], 99);
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

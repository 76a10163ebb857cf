import { expect, test } from 'vitest';
import { classLabels, clusterLabels, layOutLabels } from '../../../dashboard/map/labels.ts';
import { Random } from '../../../kernels/random.ts';
import { pointsOf } from '../data/points.ts';

const random = new Random(5);

/** Points around a centre. */
const cluster = (label: number, x: number, y: number, count: number) =>
  Array.from({ length: count }, () => ({ label, x: x + random.normal(), y: y + random.normal() }));

test('a class is named where most of it is, not between its pieces', () => {
  const points = pointsOf([...cluster(0, -40, 0, 60), ...cluster(0, 40, 30, 300), ...cluster(1, 0, -40, 50)]);
  const [first, second] = classLabels({ classes: ['zero', 'one'], points });
  expect(Math.hypot(first!.x - 40, first!.y - 30)).toBeLessThan(2);
  expect(Math.hypot(second!.x, second!.y + 40)).toBeLessThan(2);
  expect([first!.text, first!.label, second!.text]).toEqual(['zero', 0, 'one']);
});

test('a class without points has no name on the map, nor have points without a label', () => {
  const points = pointsOf([...cluster(2, 0, 0, 10), ...cluster(-1, 5, 5, 10)]);
  expect(classLabels({ classes: ['a', 'b', 'c'], points }).map(({ text }) => text)).toEqual(['c']);
});

test('a class of one point is named there, even if it is the only point', () => {
  const points = pointsOf([{ label: 0, x: 3, y: -2 }]);
  expect(classLabels({ classes: ['a'], points })).toEqual([{ label: 0, text: 'a', x: 3, y: -2 }]);
});

test('a class that lies partly under a denser one is named on the part that is its own', () => {
  const points = pointsOf([
    ...cluster(0, 0, 0, 900),
    ...cluster(1, 0, 0, 150),
    ...cluster(1, 30, 10, 120),
    ...cluster(0, -20, -30, 50),
  ]);
  const [first, second] = classLabels({ classes: ['common', 'rarer'], points });
  expect(Math.hypot(first!.x, first!.y)).toBeLessThan(2);
  expect(Math.hypot(second!.x - 30, second!.y - 10)).toBeLessThan(2);
});

test('a curved class is named on itself, not in its bay', () => {
  const arc = Array.from({ length: 600 }, (_, i) => {
    const angle = (Math.PI * i) / 600;
    return { label: 0, x: 50 * Math.cos(angle) + random.normal(), y: 50 * Math.sin(angle) + random.normal() };
  });
  const [label] = classLabels({ classes: ['arc'], points: pointsOf(arc) });
  expect(Math.abs(Math.hypot(label!.x, label!.y) - 50)).toBeLessThan(4);
});

test('names of clusters make room for larger ones and for classes, and stay on screen', () => {
  const places = [
    { x: 10, y: 50 },
    { x: 60, y: 52 },
    { x: 300, y: 50 },
    { x: 200, y: 90 },
  ];
  const labels = clusterLabels(places, ['high load', 'low load', 'hill, boost', '']);
  expect(labels.map(({ text }) => text)).toEqual(['high load', 'low load', 'hill, boost']);
  const placed = layOutLabels(labels, (place) => place, 310);
  expect(placed.map(({ text }) => text)).toEqual(['high load', 'hill, boost']);
  expect(placed[0]!.x).toBeGreaterThan(10);
  expect(placed[1]!.x).toBeLessThan(300);
  const classes = [{ label: 0, text: 'a', x: 20, y: 50 }];
  const mixed = layOutLabels([...classes, ...labels], (place) => place, 310);
  expect(mixed.map(({ text }) => text)).toEqual(['a', 'low load', 'hill, boost']);
});

test('the name of a class at the edge of the screen is not cut off; beyond the edge, it stays there', () => {
  const [left, beyond] = layOutLabels(
    [
      { label: 0, text: 'fault = 0', x: 5, y: 50 },
      { label: 1, text: 'fault = 1', x: 400, y: 50 },
    ],
    (place) => place,
    310,
  );
  // Nine letters of 21 pixels, 0.56 times as wide as high.
  expect(left!.x).toBeGreaterThanOrEqual((9 * 0.56 * 21) / 2);
  expect(beyond!.x).toBe(400);
});

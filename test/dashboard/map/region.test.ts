import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxBetween, findInside, simplify } from '../../../dashboard/map/region.ts';

const coordinate = fc.integer({ min: -50, max: 50 });
const corner = fc.record({ x: coordinate, y: coordinate });

test('a box holds the points between its corners, whichever are given', () => {
  fc.assert(
    fc.property(corner, corner, fc.array(corner, { minLength: 1, maxLength: 50 }), (a, b, places) => {
      // Half a unit off the grid of corners, so that no point is on an edge.
      const x = Float32Array.from(places, (place) => place.x + 0.5);
      const y = Float32Array.from(places, (place) => place.y + 0.5);
      const isBetween = (value: number, from: number, to: number) =>
        value > Math.min(from, to) && value < Math.max(from, to);
      const expected = Array.from(x, (_, i) =>
        isBetween(x[i]!, a.x, b.x) && isBetween(y[i]!, a.y, b.y) ? 1 : 0,
      );
      expect([...findInside(x, y, boxBetween(a, b))]).toEqual(expected);
    }),
  );
});

test('a lasso holds what it goes around, and not what is in its bay', () => {
  // A U: two towers, 2 wide and 10 high, on a floor.
  const shape = [0, 0, 6, 0, 6, 10, 4, 10, 4, 2, 2, 2, 2, 10, 0, 10];
  const places = [
    [1, 8],
    [5, 8],
    [3, 1],
    [3, 5],
    [-1, 5],
    [7, 1],
  ];
  const [x, y] = [0, 1].map((axis) => Float32Array.from(places, (place) => place[axis]!));
  expect([...findInside(x!, y!, shape)]).toEqual([1, 1, 1, 0, 0, 0]);
});

test('a simplified line stays within the tolerance, and keeps its ends', () => {
  const circle = Array.from({ length: 500 }, (_, i) => ({
    x: 100 * Math.cos((2 * Math.PI * i) / 499),
    y: 100 * Math.sin((2 * Math.PI * i) / 499),
  }));
  const simple = simplify(circle, 1);
  expect(simple.length).toBeLessThan(60);
  expect([simple[0], simple.at(-1)]).toEqual([circle[0], circle.at(-1)]);
  const middles = simple.slice(1).map((b, i) => {
    const a = simple[i]!;
    return Math.hypot((a.x + b.x) / 2, (a.y + b.y) / 2);
  });
  expect(Math.min(...middles)).toBeGreaterThan(99 - 1e-9);
  const wild = Array.from({ length: 400 }, (_, i) => ({ x: i, y: (i * 7919) % 200 }));
  expect(simplify(wild, 0.1).length).toBeLessThanOrEqual(60);
});

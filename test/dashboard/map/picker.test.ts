import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestPlace, Picker } from '../../../dashboard/map/picker.ts';

const coordinate = fc.float({ min: -20, max: 20, noNaN: true });
const cloud = fc.array(fc.tuple(coordinate, coordinate, fc.boolean()), { minLength: 1, maxLength: 200 });

test('the picked point is the nearest shown one within the radius, as a search of all points finds it', () => {
  fc.assert(
    fc.property(
      cloud,
      coordinate,
      coordinate,
      fc.double({ min: 0, max: 15, noNaN: true }),
      (points, x, y, radius) => {
        const [xs, ys] = [0, 1].map((axis) => Float32Array.from(points, (point) => Number(point[axis]))) as [
          Float32Array,
          Float32Array,
        ];
        const shown = Uint8Array.from(points, ([, , flag]) => (flag ? 1 : 0));
        const found = new Picker(xs, ys).nearest(x, y, radius, shown);
        const distances = points.map(([px, py, flag]) => (flag ? (px - x) ** 2 + (py - y) ** 2 : Infinity));
        const least = Math.min(...distances);
        if (found === undefined) expect(least).toBeGreaterThan(radius * radius);
        else {
          expect(shown[found]).toBe(1);
          expect(distances[found]).toBe(least);
          expect(least).toBeLessThanOrEqual(radius * radius);
        }
      },
    ),
  );
});

test('a hidden point does not shield the shown one behind it', () => {
  const picker = new Picker(Float32Array.of(0, 1), Float32Array.of(0, 0));
  expect(picker.nearest(0, 0, 2, Uint8Array.of(1, 1))).toBe(0);
  expect(picker.nearest(0, 0, 2, Uint8Array.of(0, 1))).toBe(1);
  expect(picker.nearest(0, 0, 0.5, Uint8Array.of(0, 1))).toBeUndefined();
});

test('the points within a part of the map are those that a search of all points finds', () => {
  fc.assert(
    fc.property(cloud, coordinate, coordinate, coordinate, coordinate, (points, a, b, c, d) => {
      const xs = Float32Array.from(points, ([x]) => x);
      const ys = Float32Array.from(points, ([, y]) => y);
      const extent = {
        left: Math.min(a, b),
        right: Math.max(a, b),
        bottom: Math.min(c, d),
        top: Math.max(c, d),
      };
      const expected = [...xs.keys()].filter(
        (i) =>
          xs[i]! >= extent.left && xs[i]! <= extent.right && ys[i]! >= extent.bottom && ys[i]! <= extent.top,
      );
      expect(new Picker(xs, ys).within(extent).toSorted((i, j) => i - j)).toEqual(expected);
    }),
  );
});

test('the nearest of a few places is within the radius, or there is none', () => {
  const places = [
    { x: 0, y: 0 },
    { x: 3, y: 4 },
  ];
  expect(nearestPlace(places, { x: 3, y: 3 }, 2)).toBe(1);
  expect(nearestPlace(places, { x: 1, y: 0 }, 2)).toBe(0);
  expect(nearestPlace(places, { x: 9, y: 9 }, 2)).toBeUndefined();
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coarseStride, marksAt, ringRadius, zoomToThumbnails } from '../../../dashboard/map/renderer.ts';
import { placeTip } from '../../../dashboard/map/tip.ts';

const zoom = fc.double({ min: 0.5, max: 80, noNaN: true });
const spacing = fc.double({ min: 1, max: 60, noNaN: true });

test('marks grow with the zoom, up to a limit, and thumbnails only fade in', () => {
  fc.assert(
    fc.property(zoom, zoom, spacing, (a, b, room) => {
      const [near, far] = [marksAt(Math.max(a, b), room, true), marksAt(Math.min(a, b), room, true)];
      expect(near.dot).toBeGreaterThanOrEqual(far.dot);
      expect(near.tile).toBeGreaterThanOrEqual(far.tile);
      expect(near.thumbnails).toBeGreaterThanOrEqual(far.thumbnails);
      expect(near.dot).toBeLessThanOrEqual(14);
      expect(near.tile).toBeLessThanOrEqual(60);
    }),
  );
});

test('a dense map begins with dots and ends with thumbnails, if there are any', () => {
  expect(marksAt(1, 4, true).thumbnails).toBe(0);
  expect(marksAt(40, 4, true).thumbnails).toBe(1);
  expect(marksAt(40, 4, false).thumbnails).toBe(0);
});

test('going to a point of a dense map shows thumbnails, not dots', () => {
  fc.assert(
    fc.property(spacing, (room) => {
      expect(marksAt(zoomToThumbnails(room), room, true)).toMatchObject({ thumbnails: 1 });
    }),
  );
});

test('a ring clears what it is drawn around', () => {
  fc.assert(
    fc.property(zoom, spacing, fc.boolean(), (level, room, thumbnails) => {
      const marks = marksAt(level, room, thumbnails);
      expect(ringRadius(marks)).toBeGreaterThan(marks.dot / 2);
      if (marks.thumbnails > 0.5) expect(ringRadius(marks)).toBeGreaterThan(marks.tile / 2);
    }),
  );
});

const TIP = { width: 208, height: 84 };

test('a tip lies inside the map, wherever the point is, and does not cover it', () => {
  const at = fc.record({
    x: fc.double({ min: 0, max: 700, noNaN: true }),
    y: fc.double({ min: 0, max: 500, noNaN: true }),
  });
  fc.assert(
    fc.property(at, (point) => {
      const map = { width: 700, height: 500 };
      const { left, top } = placeTip(point, 15, TIP, map);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + TIP.width).toBeLessThanOrEqual(map.width);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top + TIP.height).toBeLessThanOrEqual(map.height);
      expect(left >= point.x + 15 || left + TIP.width <= point.x - 15).toBe(true);
    }),
  );
});

test('on a map that is too narrow, a tip keeps its left edge', () => {
  expect(placeTip({ x: 150, y: 100 }, 15, TIP, { width: 220, height: 300 }).left).toBe(8);
});

test('a coarse drawing has all points of a small map and some tens of thousands of a large one', () => {
  expect(coarseStride(70_000)).toBe(1);
  expect(1_000_000 / coarseStride(1_000_000)).toBeGreaterThan(30_000);
  expect(1_000_000 / coarseStride(1_000_000)).toBeLessThan(90_000);
  expect(coarseStride(0)).toBe(1);
});

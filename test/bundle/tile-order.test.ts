import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderTiles } from '../../bundle/tile-order.ts';

const coordinate = fc.float({ min: -100, max: 100, noNaN: true });
const points = fc.array(fc.record({ x: coordinate, y: coordinate, seen: fc.boolean() }), {
  minLength: 1,
  maxLength: 60,
});

const order = (rows: readonly { x: number; y: number; seen?: boolean }[]) =>
  orderTiles({
    x: Float32Array.from(rows, ({ x }) => x),
    y: Float32Array.from(rows, ({ y }) => y),
    split: rows.map(({ seen }) => (seen ? 0 : 1)),
    splits: ['train', 'test'],
  });

test('every point has a tile of its own, and the test points have the first ones', () => {
  fc.assert(
    fc.property(points, (rows) => {
      const slots = [...order(rows)];
      expect(slots.toSorted((a, b) => a - b)).toEqual(rows.map((_, i) => i));
      const tested = rows.filter(({ seen }) => !seen).length;
      for (const [i, slot] of slots.entries()) expect(slot < tested).toBe(!rows[i]!.seen);
    }),
  );
});

test('four clusters in the quarters of a map have tiles one cluster after the other', () => {
  const corners = [
    [0, 0],
    [10, 0],
    [0, 10],
    [10, 10],
  ] as const;
  const rows = Array.from({ length: 40 }, (_, i) => {
    const [x, y] = corners[i % 4]!;
    return { x: x + ((i * 7) % 3), y: y + ((i * 5) % 3) };
  });
  const slots = order(rows);
  for (let corner = 0; corner < 4; corner++) {
    const own = rows.map((_, i) => i).filter((i) => i % 4 === corner);
    expect(new Set(own.map((i) => Math.floor(slots[i]! / 10)))).toEqual(new Set([corner]));
  }
});

test('points at one place keep their order', () => {
  expect([
    ...order([
      { x: 1, y: 1 },
      { x: 1, y: 1 },
      { x: 1, y: 1 },
    ]),
  ]).toEqual([0, 1, 2]);
});

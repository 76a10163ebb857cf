import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { findTears } from '../../../training/studies/tears.ts';
import { findNeighbours } from '../../../tsne/neighbours.ts';

/** The tears of discs, each around a place on the x axis. */
async function tearsOf(discs: readonly { x: number; count: number; label: number }[], classes: number) {
  const random = new Random(5);
  const labels = discs.flatMap(({ count, label }) => new Array<number>(count).fill(label));
  const centres = discs.flatMap(({ x, count }) => new Array<number>(count).fill(x));
  const places = Float32Array.from(centres.flatMap((x) => [x + random.uniform(), random.uniform()]));
  const near = await findNeighbours({ values: places, n: labels.length, d: 2 }, 8);
  return findTears(places, near, Uint8Array.from(labels), classes);
}

test('a class in two pieces is torn by the class between them', async () => {
  const tears = await tearsOf(
    [
      { x: 0, count: 120, label: 0 },
      { x: 2, count: 40, label: 2 },
      { x: 3, count: 90, label: 1 },
      { x: 6, count: 80, label: 0 },
      { x: 20, count: 300, label: 2 },
    ],
    3,
  );
  expect(tears).toEqual([
    { label: 0, share: 0.4, between: 1 },
    { label: 2, share: 40 / 340, between: null },
  ]);
});

test('a class in one piece is not torn, and a few points apart are no piece', async () => {
  expect(
    await tearsOf(
      [
        { x: 0, count: 200, label: 0 },
        { x: 5, count: 12, label: 0 },
        { x: 9, count: 50, label: 1 },
      ],
      2,
    ),
  ).toEqual([]);
});

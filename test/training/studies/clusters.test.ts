import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { findPieces, takeLarge } from '../../../training/studies/clusters.ts';
import { findNeighbours } from '../../../tsne/neighbours.ts';

/** Discs around centres, each with `count` points of a class. */
async function pieces(discs: readonly { at: [number, number]; count: number; label: number }[], classes = 2) {
  const random = new Random(8);
  const places: number[] = [];
  const labels: number[] = [];
  for (const { at, count, label } of discs) {
    for (let i = 0; i < count; i++) {
      const [angle, radius] = [2 * Math.PI * random.uniform(), Math.sqrt(random.uniform())];
      places.push(at[0] + radius * Math.cos(angle), at[1] + radius * Math.sin(angle));
      labels.push(label);
    }
  }
  const neighbours = await findNeighbours({ values: Float32Array.from(places), n: labels.length, d: 2 }, 10);
  return findPieces(neighbours, Uint8Array.from(labels), classes).map((own) => takeLarge(own).length);
}

test('a class in two discs with another one between them is in two pieces', async () => {
  expect(
    await pieces([
      { at: [-5, 0], count: 100, label: 0 },
      { at: [0, 0], count: 150, label: 1 },
      { at: [5, 0], count: 80, label: 0 },
    ]),
  ).toEqual([2, 1]);
});

test('a few stray points are no piece', async () => {
  expect(
    await pieces([
      { at: [-5, 0], count: 200, label: 0 },
      { at: [0, 0], count: 150, label: 1 },
      { at: [5, 0], count: 15, label: 0 },
    ]),
  ).toEqual([1, 1]);
});

test('two discs that touch are one piece', async () => {
  expect(
    await pieces([
      { at: [0, 0], count: 300, label: 0 },
      { at: [1.5, 0], count: 300, label: 0 },
    ]),
  ).toEqual([1, 0]);
});

test('refuses neighbours that do not match the labels', () => {
  expect(() => findPieces({ k: 2, indices: new Int32Array(6) }, new Uint8Array(2), 1)).toThrow(
    '6 neighbours',
  );
});

import { describe, expect, it } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { measureVotes } from '../../../training/linear/vote.ts';
import { findNeighbours } from '../../../tsne/neighbours.ts';
import { findNeighboursByDefinition, gaussianMixture } from '../../tsne/points.ts';

/** The k-NN accuracy of labels, with the neighbours by definition. */
const knnAccuracy = (
  points: Float32Array,
  n: number,
  d: number,
  labels: Uint8Array | Int32Array,
  k = 10,
): number => measureVotes(findNeighboursByDefinition(points, n, d, k), labels, k);

describe('k-NN accuracy', () => {
  const line = Float32Array.from([0, 1, 2.1, 10, 11, 12.1]);

  it('is the share of points whose neighbours agree with their label', () => {
    expect(knnAccuracy(line, 6, 1, Uint8Array.from([0, 0, 0, 1, 1, 1]), 2)).toBe(1);
    expect(knnAccuracy(line, 6, 1, Int32Array.from([0, 0, 1, 1, 1, 1]), 1)).toBe(5 / 6);
    expect(knnAccuracy(line, 6, 1, Uint8Array.from([0, 1, 0, 1, 0, 1]), 1)).toBe(0);
  });

  it('gives a tie to the label of the nearer neighbour', () => {
    const points = Float32Array.from([0, 1, -2, 50, 51, 52]);
    // All three near zero see one neighbour of each label, or two of the wrong one.
    const accuracy = (label: number) => knnAccuracy(points, 6, 1, Uint8Array.from([label, 1, 0, 2, 2, 2]), 2);
    expect(accuracy(1)).toBe(5 / 6);
    expect(accuracy(0)).toBe(4 / 6);
  });

  it('is at chance level if labels do not depend on the points', () => {
    const { points } = gaussianMixture(1000, 2, 1, 3);
    const labels = Uint8Array.from({ length: 1000 }, (_, i) => i % 2);
    expect(Math.abs(knnAccuracy(points, 1000, 2, labels) - 0.5)).toBeLessThan(0.06);
  });

  it('agrees with sorting all distances, in any number of dimensions', () => {
    const n = 200;
    const { points } = gaussianMixture(n, 5, 1, 4);
    const labels = Int32Array.from({ length: n }, (_, i) => Math.floor(3 * Math.abs(points[5 * i])) % 3);
    const { indices } = findNeighboursByDefinition(points, n, 5, 7);
    let right = 0;
    for (let i = 0; i < n; i++) {
      const near = Array.from(indices.subarray(7 * i, 7 * i + 7), (j) => labels[j]);
      const votes = (label: number) => near.filter((other) => other === label).length;
      const most = Math.max(...near.map(votes));
      if (near.find((label) => votes(label) === most) === labels[i]) right++;
    }
    expect(knnAccuracy(points, n, 5, labels, 7)).toBe(right / n);
  });

  it('refuses labels that do not match the points', () => {
    const neighbours = findNeighboursByDefinition(line, 6, 1, 2);
    expect(() => measureVotes(neighbours, new Uint8Array(5), 2)).toThrow('there are 5 labels for 6 points');
  });
});

it('known neighbours give the same accuracy', async () => {
  const [n, d] = [300, 3];
  const random = new Random(8);
  const points = Float32Array.from({ length: n * d }, () => random.normal());
  const labels = Uint8Array.from({ length: n }, (_, i) => Number(points[i * d] + 0.5 * random.normal() > 0));
  const neighbours = await findNeighbours({ values: points, n, d }, 30);
  const accuracy = measureVotes(neighbours, labels, 7);
  expect(accuracy).toBe(knnAccuracy(points, n, d, labels, 7));
  expect(accuracy).toBeGreaterThan(0.6);
  expect(() => measureVotes(neighbours, labels, 31)).toThrow('k is 31: 1 to 30 neighbours are known');
});

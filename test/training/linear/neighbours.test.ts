import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { nearestNeighbours } from '../../../training/linear/neighbours.ts';

test('the neighbours are those of the definition, nearest first, without the point itself', async () => {
  const [n, d, k] = [1500, 7, 12];
  const random = new Random(1);
  const points = Float32Array.from({ length: n * d }, () => random.normal() + 100);
  const { indices, distances } = await nearestNeighbours(points, n, d, k);
  for (let i = 0; i < n; i += 37) {
    const all = Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let a = 0; a < d; a++) sum += (points[i * d + a] - points[j * d + a]) ** 2;
      return { j, distance: Math.sqrt(sum) };
    }).filter(({ j }) => j !== i);
    all.sort((a, b) => a.distance - b.distance);
    const nearest = all.slice(0, k);
    expect(Array.from(indices.subarray(i * k, i * k + k))).toEqual(nearest.map(({ j }) => j));
    for (const [slot, { distance }] of nearest.entries())
      expect(distances[i * k + slot]).toBeCloseTo(distance, 4);
  }
});

test('a point with many duplicates is not its own neighbour', async () => {
  const points = new Float32Array(40 * 3).fill(1);
  const { indices } = await nearestNeighbours(points, 40, 3, 5);
  for (let i = 0; i < 40; i++) {
    const own = indices.subarray(i * 5, i * 5 + 5);
    expect(own).not.toContain(i);
    expect(new Set(own).size).toBe(5);
  }
});

test('a k that cannot be had is refused', async () => {
  const points = new Float32Array(10);
  await expect(nearestNeighbours(points, 5, 2, 5)).rejects.toThrow('k is 5, of 5 points it may be 1 to 4');
  await expect(nearestNeighbours(points, 6, 2, 2)).rejects.toThrow('points has 10 values, 6 × 2 are needed');
});

import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { estimateMaximumLikelihood, estimateTwoNn } from '../../../training/studies/intrinsic-dimension.ts';
import { findNeighbours } from '../../../tsne/neighbours.ts';

const POINTS = 4000;

/** Points of a d-dimensional body, put into 20 dimensions by a random linear map. */
async function embedded(d: number, draw: (random: Random) => number[], ambient = 20) {
  const random = new Random(17 + d);
  const map = Array.from({ length: ambient }, () => Array.from({ length: d }, () => random.normal()));
  const points = new Float32Array(POINTS * ambient);
  for (let i = 0; i < POINTS; i++) {
    const inner = draw(random);
    for (let a = 0; a < ambient; a++) {
      points[i * ambient + a] = map[a].reduce((sum, weight, j) => sum + weight * inner[j], 0);
    }
  }
  return findNeighbours({ values: points, n: POINTS, d: ambient }, 20);
}

const cube = (d: number) => (random: Random) => Array.from({ length: d }, () => random.uniform());

describe('for a uniform cube, both estimates are near its dimension', () => {
  // At the border of a cube, neighbours are on one side only: the estimates are too low, more so in more dimensions.
  for (const [d, low, high] of [
    [1, 0.95, 1.05],
    [2, 1.88, 2.1],
    [5, 4.4, 5.2],
    [8, 6.6, 8.2],
  ]) {
    test(`${d} dimensions`, async () => {
      const neighbours = await embedded(d, cube(d));
      for (const estimate of [estimateTwoNn(neighbours), estimateMaximumLikelihood(neighbours)]) {
        expect(estimate).toBeGreaterThan(low);
        expect(estimate).toBeLessThan(high);
      }
    });
  }
});

test('a curve has one dimension and a sphere two, however they bend', async () => {
  const curve = await embedded(3, (random) => {
    const t = 6 * random.uniform();
    return [Math.cos(t), Math.sin(t), t / 3];
  });
  const sphere = await embedded(3, (random) => {
    const [x, y, z] = [random.normal(), random.normal(), random.normal()];
    return [x, y, z].map((value) => value / Math.hypot(x, y, z));
  });
  for (const [neighbours, d] of [
    [curve, 1],
    [sphere, 2],
  ] as const) {
    expect(Math.abs(estimateTwoNn(neighbours) - d)).toBeLessThan(0.08 * d);
    expect(Math.abs(estimateMaximumLikelihood(neighbours) - d)).toBeLessThan(0.08 * d);
  }
});

test('distances in another unit give the same dimension', async () => {
  const { k, distances } = await embedded(3, cube(3));
  const larger = { k, distances: distances.map((value) => 1000 * value) };
  expect(estimateTwoNn(larger)).toBeCloseTo(estimateTwoNn({ k, distances }), 2);
  expect(estimateMaximumLikelihood(larger)).toBeCloseTo(estimateMaximumLikelihood({ k, distances }), 2);
});

test('ratios drawn from the distribution itself give its dimension', () => {
  const random = new Random(3);
  const d = 14;
  const distances = new Float32Array(2 * 20_000);
  for (let i = 0; i < distances.length; i += 2) {
    distances[i] = 1;
    distances[i + 1] = (1 - random.uniform()) ** (-1 / d);
  }
  expect(estimateTwoNn({ k: 2, distances })).toBeCloseTo(d, 0);
});

test('ignores duplicate points, and refuses nothing but duplicates', () => {
  const distances = Float32Array.from({ length: 400 }, (_, p) =>
    p < 40 && p % 2 === 0 ? 0 : 1 + (p % 2) * (1 + p / 400),
  );
  expect(estimateTwoNn({ k: 2, distances })).toBeGreaterThan(0);
  expect(() => estimateTwoNn({ k: 2, distances: new Float32Array(20) })).toThrow('too few');
  expect(() => estimateTwoNn({ k: 1, distances: new Float32Array(20) })).toThrow('there is 1');
  expect(() => estimateMaximumLikelihood({ k: 5, distances: new Float32Array(20) })).toThrow('5 are known');
});

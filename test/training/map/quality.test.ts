import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { measureQuality } from '../../../training/map/quality.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { gaussianMixture } from '../../tsne/points.ts';

const n = 230;

/** All ranks by sorting all distances, and the measures by their formulas. */
function measureByDefinition({ values, d }: Matrix, embedding: Float32Array) {
  const ranksOf = (data: Float32Array, width: number) =>
    Array.from({ length: n }, (_, i) => {
      const away = Array.from({ length: n }, (_, j) =>
        Math.hypot(...Array.from({ length: width }, (_, c) => data[i * width + c] - data[j * width + c])),
      );
      const others = away.map((distance, j) => ({ distance, j })).filter(({ j }) => j !== i);
      others.sort((a, b) => a.distance - b.distance || a.j - b.j);
      const ranks = new Array<number>(n).fill(0);
      for (const [at, { j }] of others.entries()) ranks[j] = at + 1;
      return ranks;
    });
  const [high, low] = [ranksOf(values, d), ranksOf(embedding, 2)];
  const all = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => ({ high: high[i][j], low: low[i][j] })).filter((_, j) => j !== i),
  ).flat();
  const kept = (k: number) => all.filter((pair) => pair.high <= k && pair.low <= k).length / (n * k);
  const k = 10;
  const scale = 2 / (n * k * (2 * n - 3 * k - 1));
  const penalty = (a: 'high' | 'low', b: 'high' | 'low') =>
    all.reduce((sum, pair) => sum + (pair[b] <= k && pair[a] > k ? pair[a] - k : 0), 0);
  return {
    kept_10: kept(10),
    kept_100: kept(100),
    trustworthiness: 1 - scale * penalty('high', 'low'),
    continuity: 1 - scale * penalty('low', 'high'),
  };
}

const { points } = gaussianMixture(n, 4, 3, 5);
const matrix: Matrix = { values: points, n, d: 4 };
const random = new Random(1);
const MAPS: Record<string, Float32Array> = {
  'a projection': Float32Array.from({ length: 2 * n }, (_, p) => points[4 * Math.floor(p / 2) + (p % 2)]),
  'a random map': Float32Array.from({ length: 2 * n }, () => random.normal()),
  'equal points': new Float32Array(2 * n),
};

test.each(Object.keys(MAPS))('the measures of %s are those of their definitions', (name) => {
  const found = measureQuality(matrix, MAPS[name]);
  const expected = measureByDefinition(matrix, MAPS[name]);
  expect(found.points).toBe(n);
  for (const [key, value] of Object.entries(expected)) {
    expect(found[key as keyof typeof expected]).toBeCloseTo(value, 10);
  }
});

test('a map that is the points is perfect, and one of random places is not', () => {
  const flat = MAPS['a projection'];
  const perfect = measureQuality({ values: flat, n, d: 2 }, flat);
  expect(perfect).toEqual({
    points: n,
    kept_10: 1,
    kept_100: 1,
    trustworthiness: 1,
    continuity: 1,
    distance_correlation: 1,
  });
  const worse = measureQuality(matrix, MAPS['a random map']);
  expect(worse.trustworthiness).toBeLessThan(0.7);
  expect(Math.abs(worse.distance_correlation)).toBeLessThan(0.1);
  expect(measureQuality(matrix, MAPS['equal points']).distance_correlation).toBe(0);
});

test('of a few points, the 100 nearest are not measured', () => {
  const few = MAPS['a projection'].subarray(0, 60);
  expect(measureQuality({ values: few, n: 30, d: 2 }, few)).toMatchObject({
    points: 30,
    kept_10: 1,
    kept_100: null,
  });
});

test('distances in another unit, or to another power, correlate perfectly', () => {
  const line = Float32Array.from({ length: n }, (_, i) => i + 0.3 * random.uniform());
  const curved = Float32Array.from({ length: 2 * n }, (_, p) => (p % 2 === 0 ? 7 * line[p / 2] : 0));
  expect(measureQuality({ values: line, n, d: 1 }, curved).distance_correlation).toBeCloseTo(1, 6);
});

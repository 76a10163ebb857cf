import { describe, expect, it } from 'vitest';
import { Random } from '../../kernels/random.ts';
import { directRows, findNeighboursBy, type Metric, neighboursFromDistances } from '../../tsne/metrics.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import type { Neighbours } from '../../tsne/types.ts';

const random = new Random(3);
const [n, d, k] = [80, 6, 9];
// Few values, so that there are ties and equal rows.
const rows = {
  values: Float32Array.from({ length: n * d }, () => Math.floor(4 * random.uniform()) + 1),
  n,
  d,
};
rows.values.set(rows.values.subarray(0, d), 3 * d);

const dot = (a: number[], b: number[]) => a.reduce((sum, value, j) => sum + value * b[j], 0);
const centre = (a: number[]) =>
  a.map(
    (value) =>
      value -
      dot(
        a,
        a.map(() => 1),
      ) /
        a.length,
  );
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** The distances by definition. */
const DEFINITIONS: Record<Metric, (a: number[], b: number[]) => number> = {
  euclidean: (a, b) => Math.sqrt(a.reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0)),
  manhattan: (a, b) => a.reduce((sum, value, j) => sum + Math.abs(value - b[j]), 0),
  hamming: (a, b) => a.filter((value, j) => value !== b[j]).length / a.length,
  cosine: (a, b) => Math.sqrt(Math.max(0, 2 - 2 * cosine(a, b))),
  correlation: (a, b) => Math.sqrt(Math.max(0, 2 - 2 * cosine(centre(a), centre(b)))),
};

const row = (i: number) => Array.from(rows.values.subarray(i * d, (i + 1) * d));

function sortedDistances(metric: Metric, i: number) {
  const away = Array.from({ length: n }, (_, j) => ({ j, distance: DEFINITIONS[metric](row(i), row(j)) }));
  return away.filter(({ j }) => j !== i).sort((a, b) => a.distance - b.distance || a.j - b.j);
}

describe('neighbours by a metric', () => {
  it.each(['euclidean', 'manhattan', 'hamming'] as const)(
    'are the nearest by definition, ties by index: %s',
    (metric) => {
      const { indices, distances } = findNeighboursBy(metric, rows, k);
      for (let i = 0; i < n; i++) {
        const expected = sortedDistances(metric, i).slice(0, k);
        expect(Array.from(indices.subarray(i * k, (i + 1) * k))).toEqual(expected.map(({ j }) => j));
        for (const [e, { distance }] of expected.entries())
          expect(distances[i * k + e]).toBeCloseTo(distance, 6);
      }
    },
  );

  it.each(['cosine', 'correlation'] as const)(
    'are those by Euclidean distance of directions: %s',
    async (metric) => {
      const { distances } = await findNeighbours(directRows(rows, metric), k, { threads: 1 });
      for (let i = 0; i < n; i++) {
        for (const [e, { distance }] of sortedDistances(metric, i).slice(0, k).entries()) {
          expect(distances[i * k + e]).toBeCloseTo(distance, 3);
        }
      }
    },
  );

  it('of queries may be at no distance', () => {
    const queries = { values: rows.values.slice(5 * d, 7 * d), n: 2, d };
    const { indices, distances } = findNeighboursBy('manhattan', rows, 1, queries);
    expect(Array.from(distances)).toEqual([0, 0]);
    expect(row(indices[1])).toEqual(row(6));
  });

  it('come from a matrix of distances as well', () => {
    const matrix = Float32Array.from({ length: n * n }, (_, p) =>
      DEFINITIONS.manhattan(row(Math.floor(p / n)), row(p % n)),
    );
    expect(neighboursFromDistances(matrix, k)).toEqual<Neighbours>(findNeighboursBy('manhattan', rows, k));
  });

  it.each<[string, () => unknown, string]>([
    [
      'k = n',
      () => findNeighboursBy('hamming', rows, n),
      `k is ${n}: for ${n} points it must be from 1 to ${n - 1}`,
    ],
    [
      'half a matrix',
      () => neighboursFromDistances(new Float32Array(6), 1),
      'there are 6 distances: n × n are accepted',
    ],
    [
      'a negative distance',
      () => neighboursFromDistances(new Float32Array(9).with(5, -1), 1),
      'the distance of points 1 and 2 is -1: finite numbers from 0 are accepted',
    ],
    [
      'a row of zeros',
      () => directRows({ values: Float32Array.of(1, 2, 0, 0), n: 2, d: 2 }, 'cosine'),
      'row 2 has only zeros, and so no direction',
    ],
    [
      'a constant row',
      () => directRows({ values: Float32Array.of(0.1, 0.1, 0.1, 1, 2, 3), n: 2, d: 3 }, 'correlation'),
      'row 1 has equal values only, and so no correlation',
    ],
  ])('refuse %s', (_name, call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});

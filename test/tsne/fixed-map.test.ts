import { beforeAll, describe, expect, it } from 'vitest';
import { FixedMap } from '../../tsne/fixed-map.ts';
import { type Neighbours, tsne } from '../../tsne/tsne.ts';
import { findNeighboursByDefinition, firstAxes, gaussianMixture } from './points.ts';

const [n, m, d, k, perplexity] = [600, 60, 8, 45, 15];
const { points, labels } = gaussianMixture(n + m, d, 5, 7);
const mapped = points.subarray(0, n * d);
const neighbours = findNeighboursByDefinition(mapped, n, d, k);

/** The k nearest of the n mapped points to each of the last m, by sorting all distances. */
function neighboursOfNew(): Neighbours {
  const [indices, distances] = [new Int32Array(m * k), new Float32Array(m * k)];
  for (let i = 0; i < m; i++) {
    const away = Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (points[(n + i) * d + c] - points[j * d + c]) ** 2;
      return { j, distance: Math.sqrt(sum) };
    }).sort((a, b) => a.distance - b.distance);
    for (let e = 0; e < k; e++) {
      indices[i * k + e] = away[e].j;
      distances[i * k + e] = away[e].distance;
    }
  }
  return { k, indices, distances };
}

const fresh = neighboursOfNew();

const only = ({ k, indices, distances }: Neighbours, i: number): Neighbours => ({
  k,
  indices: indices.slice(i * k, (i + 1) * k),
  distances: distances.slice(i * k, (i + 1) * k),
});

/** Gaussian p(j|i) with the perplexity, by bisection of β over the definition. */
function affinitiesByDefinition(distances: Float32Array): number[] {
  let [low, high, p] = [0, 1e6, [] as number[]];
  for (let step = 0; step < 200; step++) {
    const beta = (low + high) / 2;
    const weights = Array.from(distances, (distance) =>
      Math.exp(-beta * (distance ** 2 - distances[0] ** 2)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    p = weights.map((weight) => weight / sum);
    const entropy = -p.reduce((total, value) => total + (value > 0 ? value * Math.log(value) : 0), 0);
    if (entropy > Math.log(perplexity)) low = beta;
    else high = beta;
  }
  return p;
}

describe.each([
  { dims: 2, dof: 1 },
  { dims: 2, dof: 0.6 },
  { dims: 3, dof: 1 },
  { dims: 3, dof: 2 },
] as const)('a fixed map: %o', ({ dims, dof }) => {
  const options = { dims, dof };
  let embedding: Float32Array;
  let placed: Float32Array;

  beforeAll(async () => {
    const start = firstAxes(mapped, n, d, dims);
    ({ embedding } = await tsne(neighbours, start, { ...options, perplexity, iterations: 500 }));
    placed = new FixedMap(embedding, options).place(fresh, { perplexity });
  });

  /** KL(P_i || Q_i) of a place, over all points of the map. */
  function costAt(y: ArrayLike<number>, p: number[], near: Int32Array): number {
    const w = Array.from({ length: n }, (_, j) => {
      let squared = 0;
      for (let axis = 0; axis < dims; axis++) squared += (y[axis] - embedding[dims * j + axis]) ** 2;
      return (1 + squared / dof) ** -dof;
    });
    const z = w.reduce((sum, value) => sum + value, 0);
    return p.reduce((sum, value, e) => sum + (value > 0 ? value * Math.log((value * z) / w[near[e]]) : 0), 0);
  }

  it('places new points where the divergence by definition is least', () => {
    const exact = new FixedMap(embedding, { ...options, theta: 0 }).place(fresh, { perplexity });
    for (let i = 0; i < 12; i++) {
      const near = fresh.indices.subarray(i * k, (i + 1) * k);
      const p = affinitiesByDefinition(fresh.distances.subarray(i * k, (i + 1) * k));
      const place = exact.slice(i * dims, (i + 1) * dims);
      const least = costAt(place, p, near);
      for (let axis = 0; axis < dims; axis++) {
        const [back, ahead] = [-0.05, 0.05].map((step) =>
          costAt(place.with(axis, place[axis] + step), p, near),
        );
        expect(back).toBeGreaterThan(least - 1e-5);
        expect(ahead).toBeGreaterThan(least - 1e-5);
        // A slope of zero, against one of the order of 1 a unit away.
        expect(Math.abs(ahead - back) / 0.1).toBeLessThan(0.01);
      }
      // Nor is any point of the map a better place.
      for (let j = 0; j < n; j += 7) {
        expect(costAt(embedding.subarray(dims * j, dims * (j + 1)), p, near)).toBeGreaterThan(least - 0.05);
      }
    }
  });

  it('places them in their clusters', () => {
    let right = 0;
    for (let i = 0; i < m; i++) {
      const away = (j: number) => {
        let sum = 0;
        for (let axis = 0; axis < dims; axis++)
          sum += (placed[i * dims + axis] - embedding[j * dims + axis]) ** 2;
        return sum;
      };
      const nearest = Array.from({ length: n }, (_, j) => j).reduce((a, b) => (away(b) < away(a) ? b : a));
      right += Number(labels[nearest] === labels[n + i]);
    }
    expect(right).toBe(m);
  });

  it('places each the same alone as with others', () => {
    const map = new FixedMap(embedding, options);
    for (const i of [5, 0, m - 1]) {
      const alone = map.place(only(fresh, i), { perplexity });
      expect(alone).toEqual(placed.slice(i * dims, (i + 1) * dims));
    }
  });

  it('places its own points where they are, nearly', () => {
    const again = new FixedMap(embedding, options).place(neighbours, { perplexity });
    const moved = Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let axis = 0; axis < dims; axis++)
        sum += (again[i * dims + axis] - embedding[i * dims + axis]) ** 2;
      return Math.sqrt(sum);
    }).sort((a, b) => a - b);
    const extent = Math.max(...embedding) - Math.min(...embedding);
    expect(moved[n / 2]).toBeLessThan(0.05 * extent);
  });
});

describe('a fixed map refuses', () => {
  const places = new Float32Array(2 * n).map((_, p) => p % 17);
  it.each<[string, () => unknown, string]>([
    ['half a point', () => new FixedMap(new Float32Array(3)), 'the map has 3 values: n × 2 are accepted'],
    [
      'NaN',
      () => new FixedMap(places.with(5, Number.NaN)),
      'the map has y = NaN for point 2: finite numbers are accepted',
    ],
    ['four axes', () => new FixedMap(places, { dims: 4 as 3 }), 'dims is 4: 2 or 3 is accepted'],
    [
      'no freedom',
      () => new FixedMap(places, { dof: -1 }),
      'dof is -1: a number above 0, at most 100, is accepted',
    ],
    ['a coarse tree', () => new FixedMap(places, { theta: 2 }), 'theta is 2: 0 to 1 is accepted'],
    [
      'few neighbours',
      () => new FixedMap(places).place(fresh),
      'perplexity is 30: 1 to k / 3 for k = 45 neighbours is accepted',
    ],
    [
      'a point that is not on the map',
      () => new FixedMap(places).place({ ...fresh, indices: fresh.indices.with(50, n) }, { perplexity }),
      `neighbours.indices names ${n} for point 1: points from 0 to ${n - 1} are accepted, each once`,
    ],
    [
      'half a row',
      () => new FixedMap(places).place({ ...fresh, indices: fresh.indices.slice(1) }, { perplexity }),
      `neighbours.indices has ${m * k - 1} values: ${m - 1} × ${k} are accepted`,
    ],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../kernels/random.ts';
import { runSearch } from '../../tsne/neighbour-search.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import { chooseProjection } from '../../tsne/projection.ts';
import { createSearch } from '../../tsne/search-job.ts';
import { createControl, PoolThread } from '../../tsne/worker-pool.ts';
import { findNeighboursByDefinition, gaussianMixture } from './points.ts';

const normals = (length: number, seed: number) => {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.normal());
};

async function expectExact(values: Float32Array, n: number, d: number, k: number, threads = 1) {
  const found = await findNeighbours({ values, n, d }, k, { threads });
  const { indices, distances } = findNeighboursByDefinition(values, n, d, k);
  expect(found.k).toBe(k);
  expect(Array.from(found.indices)).toEqual(Array.from(indices));
  expect(Array.from(found.distances)).toEqual(Array.from(distances));
}

describe('the nearest neighbours', () => {
  it.each([
    [2, 1, 1],
    [65, 1, 64],
    [130, 3, 129],
    [700, 2, 10],
    [500, 17, 30],
    [70, 5000, 5],
  ])('are those of the definition: %i × %i, k = %i', async (n, d, k) => {
    await expectExact(normals(n * d, n), n, d, k);
  });

  it('are those of the definition where distances tie: whole numbers, and every row many times', async () => {
    const random = new Random(3);
    const grid = Float32Array.from({ length: 400 * 3 }, () => random.below(4));
    await expectExact(grid, 400, 3, 12);
    await expectExact(new Float32Array(300 * 4).fill(7), 300, 4, 70);
  });

  it('are those of the definition where distances are tiny beside the values', async () => {
    const noise = normals(600 * 8, 5);
    const values = noise.map((value, p) => 1000 * ((p >> 3) % 3) + (1 + (p % 8)) * 100 + 0.01 * value);
    await expectExact(values, 600, 8, 20);
  });

  it('are those of the definition from the smallest to the largest values, with one row far away', async () => {
    const noise = normals(300 * 5, 6);
    for (const factor of [1e-30, 1e-10, 1e15]) {
      await expectExact(
        noise.map((value, p) => factor * (p < 5 ? 1e6 : value)),
        300,
        5,
        9,
      );
    }
  });

  it('are those of the definition for constant columns, and for rows that are all in a plane', async () => {
    const values = normals(400 * 6, 7).map((value, p) => (p % 3 === 0 ? 5 : p % 3 === 1 ? value : 0));
    await expectExact(values, 400, 6, 15);
  });

  it('are those of the definition for random shapes and threads', async () => {
    const shapes = fc.record({
      n: fc.integer({ min: 2, max: 200 }),
      d: fc.integer({ min: 1, max: 12 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      levels: fc.integer({ min: 1, max: 1000 }),
      seed: fc.integer(),
      threads: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ n, d, share, levels, seed, threads }) => {
        const random = new Random(seed);
        // Eighths, so that sums of squares are exact: equal distances tie in whatever order they are summed.
        const values = Float32Array.from({ length: n * d }, () => random.below(levels) / 8);
        await expectExact(values, n, d, 1 + Math.floor(share * (n - 2)), threads);
      }),
      { numRuns: 12 },
    );
  });

  it('are the same with a projection, and with any number of threads', async () => {
    const [n, d, k] = [4500, 20, 15];
    const { points } = gaussianMixture(n, d, 40, 8);
    const rows = { values: points, n, d };
    expect(chooseProjection(rows, k, new Float64Array(d), 1 / 64).axes).toBeDefined();
    const one = await findNeighbours(rows, k, { threads: 1 });
    const three = await findNeighbours(rows, k, { threads: 3 });
    expect(three).toEqual(one);
    const whole = searchWithoutProjection(points, n, d, k);
    expect(Buffer.compare(Buffer.from(one.indices.buffer), Buffer.from(whole.indices.buffer))).toBe(0);
    expect(one.distances).toEqual(whole.distances);
  });
});

describe('an approximate search', () => {
  it('finds nearly all neighbours, says how many, and is the same with any number of threads', async () => {
    const [n, d, k] = [12_000, 12, 20];
    const values = normals(n * d, 11);
    const rows = { values, n, d };
    const exact = await findNeighbours(rows, k, { threads: 2 });
    const found = await findNeighbours(rows, k, { search: 'approximate', threads: 1 });
    expect(exact.recall).toBeUndefined();
    let shared = 0;
    for (let i = 0; i < n; i++) {
      const own = new Set(exact.indices.subarray(i * k, (i + 1) * k));
      const others = found.indices.subarray(i * k, (i + 1) * k);
      expect(new Set(others).size).toBe(k);
      for (const [slot, j] of others.entries()) {
        shared += Number(own.has(j));
        const gaps = Array.from({ length: d }, (_, c) => values[i * d + c]! - values[j * d + c]!);
        if (i % 100 === 0) expect(found.distances[i * k + slot]).toBeCloseTo(Math.hypot(...gaps), 5);
      }
    }
    expect(shared / (n * k)).toBeGreaterThan(0.95);
    expect(Math.abs(found.recall! - shared / (n * k))).toBeLessThan(0.02);
    expect(await findNeighbours(rows, k, { search: 'approximate', threads: 3 })).toEqual(found);
  });
});

/** The search with all coordinates, in this thread. */
function searchWithoutProjection(values: Float32Array, n: number, d: number, k: number) {
  const projection = { mean: new Float64Array(d), axes: undefined, width: d, scale: 2 ** -8 };
  const job = createSearch({ values, n, d }, k, projection, 1);
  runSearch(job, new PoolThread({ control: createControl(), threads: 1, thread: 0 }), 0);
  return job;
}

describe('what cannot be searched', () => {
  it('is refused: a k out of range, and values that do not fit', async () => {
    const values = new Float32Array(10);
    await expect(findNeighbours({ values, n: 5, d: 2 }, 5)).rejects.toThrow(
      'k is 5: for 5 points it must be from 1 to 4',
    );
    await expect(findNeighbours({ values, n: 6, d: 2 }, 2)).rejects.toThrow(
      'there are 10 values, 6 × 2 are needed',
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is refused with its row and column: %d', async (value) => {
    const values = new Float32Array(12);
    values[7] = value;
    await expect(findNeighbours({ values, n: 4, d: 3 }, 2)).rejects.toThrow(
      `row 2, column 1 is ${value}: finite numbers are accepted`,
    );
  });

  it('stops when the signal is aborted', async () => {
    const rows = { values: normals(2000, 9), n: 1000, d: 2 };
    const signal = AbortSignal.abort();
    await expect(findNeighbours(rows, 5, { signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

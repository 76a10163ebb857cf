import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureVotes } from '../../training/linear/vote.ts';
import { type Neighbours, type TsneOptions, tsne } from '../../tsne/tsne.ts';
import { findNeighboursByDefinition, firstAxes, gaussianMixture } from './points.ts';

const d = 8;

function mixture(n: number, clusters: number, k: number) {
  const { points, labels } = gaussianMixture(n, d, clusters, 7);
  return {
    points,
    labels,
    neighbours: findNeighboursByDefinition(points, n, d, k),
    initial: firstAxes(points, n, d, 2),
  };
}

describe('t-SNE', () => {
  const n = 300;
  const { points, neighbours, initial, labels } = mixture(n, 5, 60);
  const options = { perplexity: 20, iterations: 400 };

  it('keeps the clusters of a Gaussian mixture together and brings the KL divergence down', async () => {
    const seen: number[] = [];
    const { embedding, klDivergence } = await tsne(neighbours, initial, {
      ...options,
      onProgress: ({ iteration, iterations, klDivergence: value }) => {
        expect(iterations).toBe(400);
        seen.push(iteration, value);
      },
    });
    expect(measureVotes(findNeighboursByDefinition(embedding, n, 2, 10), labels, 10)).toBeGreaterThan(0.99);
    const iterations = [50, 100, 150, 200, 250, 300, 350, 400];
    expect(klDivergence.map(({ iteration }) => iteration)).toEqual(iterations);
    expect(seen).toEqual(klDivergence.flatMap(({ iteration, value }) => [iteration, value]));
    const late = klDivergence.slice(4).map(({ value }) => value);
    for (let i = 1; i < late.length; i++) expect(late[i]).toBeLessThan(late[i - 1]);
    expect(late.at(-1)).toBeLessThan(0.5 * klDivergence[0].value);
    const mean = [0, 1].map((axis) => embedding.reduce((sum, v, p) => sum + (p % 2 === axis ? v / n : 0), 0));
    for (const m of mean) expect(m).toBeCloseTo(0, 4);
  });

  it('gives the same bytes twice and with any number of threads', async () => {
    for (const gradient of ['auto', 'interpolation', 'barnes-hut', 'exact'] as const) {
      const settings = { ...options, iterations: 60, gradient };
      const one = await tsne(neighbours, initial, { ...settings, threads: 1 });
      for (const threads of gradient === 'auto' ? [1, 2, 5] : [3]) {
        expect(await tsne(neighbours, initial, { ...settings, threads })).toEqual(one);
      }
    }
  });

  it('makes maps in space, with any degrees of freedom, the same with any number of threads', async () => {
    const space = firstAxes(points, n, d, 3);
    for (const settings of [{ dims: 3 }, { dims: 3, dof: 0.7 }, { dof: 0.7 }, { dof: 2 }] as const) {
      const start = settings.dims === 3 ? space : initial;
      const one = await tsne(neighbours, start, { ...options, ...settings, threads: 1 });
      const { embedding, klDivergence } = one;
      const found = findNeighboursByDefinition(embedding, n, settings.dims ?? 2, 10);
      expect(measureVotes(found, labels, 10)).toBeGreaterThan(0.99);
      expect(klDivergence.at(-1)!.value).toBeLessThan(0.6 * klDivergence[0].value);
      expect(await tsne(neighbours, start, { ...options, ...settings, threads: 3 })).toEqual(one);
    }
  });

  it('interpolates in space, the same with any number of threads', async () => {
    const start = firstAxes(points, n, d, 3);
    const settings = { ...options, dims: 3, gradient: 'interpolation', iterations: 20 } as const;
    const one = await tsne(neighbours, start, { ...settings, threads: 1 });
    for (const threads of [2, 3]) {
      expect(await tsne(neighbours, start, { ...settings, threads })).toEqual(one);
    }
    const tree = await tsne(neighbours, start, { ...settings, gradient: 'barnes-hut' });
    expect(one.klDivergence[0]!.value).toBeCloseTo(tree.klDivergence[0]!.value, 2);
    expect(one.klDivergence).not.toEqual(tree.klDivergence);
  });

  it('brings the divergence lower in space than in the plane', async () => {
    const plane = await tsne(neighbours, initial, options);
    const space = await tsne(neighbours, firstAxes(points, n, d, 3), { ...options, dims: 3 });
    expect(space.klDivergence.at(-1)!.value).toBeLessThan(plane.klDivergence.at(-1)!.value);
  });

  it('takes several perplexities, uniform affinities and late exaggeration, with any number of threads', async () => {
    const given: TsneOptions[] = [
      { perplexity: [5, 20] },
      { affinities: 'uniform' },
      { lateExaggeration: 4, earlyIterations: 100 },
    ];
    const plain = await tsne(neighbours, initial, options);
    for (const settings of given) {
      const [one, three] = await Promise.all(
        [1, 3].map((threads) => tsne(neighbours, initial, { ...options, ...settings, threads })),
      );
      expect(three).toEqual(one);
      expect(one.embedding).not.toEqual(plain.embedding);
      const found = findNeighboursByDefinition(one.embedding, n, 2, 10);
      expect(measureVotes(found, labels, 10)).toBeGreaterThan(0.99);
    }
    const dense = await tsne(neighbours, initial, { ...options, lateExaggeration: 4 });
    expect(Math.max(...dense.embedding)).toBeLessThan(0.7 * Math.max(...plain.embedding));
  });

  it('stops when nothing moves, and shows the map every few iterations', async () => {
    const seen: number[] = [];
    const { klDivergence, embedding } = await tsne(neighbours, initial, {
      ...options,
      iterations: 5000,
      tolerance: 0.001,
      every: 40,
      onIteration: (map, iteration) => {
        expect(map.length).toBe(2 * n);
        seen.push(iteration);
      },
    });
    const end = klDivergence.at(-1)!.iteration;
    expect(end).toBeGreaterThan(250);
    expect(end).toBeLessThan(5000);
    expect(seen).toEqual(Array.from({ length: Math.floor(end / 40) }, (_, i) => 40 * (i + 1)));
    // It is where a run of as many iterations ends.
    const same = await tsne(neighbours, initial, { ...options, iterations: end });
    expect(same.embedding).toEqual(embedding);
  });

  it('reports the KL divergence after the last iteration, wherever that is', async () => {
    const { klDivergence } = await tsne(neighbours, initial, { ...options, iterations: 70 });
    expect(klDivergence.map(({ iteration }) => iteration)).toEqual([50, 70]);
    const before = await tsne(neighbours, initial, { ...options, iterations: 50 });
    expect(before.klDivergence).toEqual(klDivergence.slice(0, 1));
  });

  it('starts the same with θ = 0 as with the exact gradient, and ends as well with θ = 0.5', async () => {
    const few = { ...options, iterations: 20 };
    const exact = await tsne(neighbours, initial, { ...few, gradient: 'exact' });
    const open = await tsne(neighbours, initial, { ...few, gradient: 'barnes-hut', theta: 0 });
    for (const [p, value] of exact.embedding.entries()) expect(open.embedding[p]).toBeCloseTo(value, 3);
    const end = async (gradient: 'exact' | 'barnes-hut') =>
      (await tsne(neighbours, initial, { ...options, gradient })).klDivergence.at(-1)!.value;
    expect(Math.abs((await end('barnes-hut')) / (await end('exact')) - 1)).toBeLessThan(0.03);
  });

  it('computes in the order that the neighbours have, and gives the points in theirs', async () => {
    const order = Int32Array.from({ length: n }, (_, i) => (7 * i) % n);
    const few: TsneOptions = { ...options, iterations: 20, gradient: 'exact' };
    const plain = await tsne(neighbours, initial, few);
    const seen: Float32Array[] = [];
    const sorted = await tsne({ ...neighbours, order }, initial, {
      ...few,
      every: 20,
      onIteration: (map) => seen.push(map),
    });
    expect(sorted.embedding).not.toEqual(plain.embedding);
    for (const [p, value] of plain.embedding.entries()) expect(sorted.embedding[p]).toBeCloseTo(value, 4);
    expect(seen).toEqual([sorted.embedding]);
  });

  it('is finite for few points, equal points and outliers', async () => {
    const coordinate = fc.constantFrom(0, 0, 1, 2, 1e-6, -1e4, 3e15);
    const places = fc.array(fc.tuple(coordinate, coordinate), { minLength: 4, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(places, fc.double({ min: 0, max: 1, noNaN: true }), async (pairs, share) => {
        const points = Float32Array.from(pairs.flat());
        const k = pairs.length - 1;
        const perplexity = 1 + share * (k / 3 - 1);
        const few = { perplexity, iterations: 300, threads: 1 };
        const { embedding, klDivergence } = await tsne(
          findNeighboursByDefinition(points, pairs.length, 2, k),
          points,
          few,
        );
        expect(embedding.length).toBe(points.length);
        expect(embedding.every(Number.isFinite)).toBe(true);
        expect(klDivergence.every(({ value }) => Number.isFinite(value))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('separates two groups of equal points, and keeps a lone point apart', async () => {
    const points = Float32Array.from({ length: 2 * 41 }, (_, p) => (p >= 80 ? 1e6 : Math.floor(p / 2) % 2));
    const { embedding } = await tsne(findNeighboursByDefinition(points, 41, 2, 12), points, {
      perplexity: 4,
    });
    const sides = Uint8Array.from({ length: 40 }, (_, i) => i % 2);
    expect(measureVotes(findNeighboursByDefinition(embedding.subarray(0, 80), 40, 2, 5), sides, 5)).toBe(1);
    expect(embedding.every(Number.isFinite)).toBe(true);
  });

  it('stops promptly when the signal is aborted', async () => {
    const controller = new AbortController();
    const endless = { ...options, iterations: 1e9, signal: controller.signal };
    let stopped = 0;
    const onProgress = () => {
      stopped = performance.now();
      controller.abort();
    };
    await expect(tsne(neighbours, initial, { ...endless, onProgress })).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError', message: 't-SNE was stopped before it was done' }),
    );
    expect(performance.now() - stopped).toBeLessThan(5000);
    await expect(tsne(neighbours, initial, endless)).rejects.toThrow('t-SNE was stopped before it was done');
  });
});

describe('t-SNE refuses', () => {
  const n = 20;
  const k = 9;
  const { neighbours, initial } = mixture(n, 2, k);

  const options: [TsneOptions, string][] = [
    [{}, 'perplexity is 30: 1 to k / 3 for k = 9 neighbours is accepted'],
    [{ perplexity: 0.5 }, 'perplexity is 0.5: 1 to k / 3 for k = 9 neighbours is accepted'],
    [{ perplexity: Number.NaN }, 'perplexity is NaN: 1 to k / 3 for k = 9 neighbours is accepted'],
    [{ iterations: 0 }, 'iterations is 0: a whole number from 1 is accepted'],
    [{ iterations: 2.5 }, 'iterations is 2.5: a whole number from 1 is accepted'],
    [{ theta: -0.1 }, 'theta is -0.1: 0 to 1 is accepted'],
    [{ theta: 1.1 }, 'theta is 1.1: 0 to 1 is accepted'],
    [{ exaggeration: 0 }, 'exaggeration is 0: a number from 1 is accepted'],
    [{ learningRate: -1 }, 'learningRate is -1: a number above 0 is accepted'],
    [{ perplexity: [3, 4] }, 'perplexity is 4: 1 to k / 3 for k = 9 neighbours is accepted'],
    [{ perplexity: [] }, 'perplexity is an empty list: a number or a list of numbers is accepted'],
    [{ affinities: 'cubic' as 'uniform' }, 'affinities is cubic: gaussian or uniform is accepted'],
    [{ earlyIterations: -1 }, 'earlyIterations is -1: a whole number from 0 is accepted'],
    [{ lateExaggeration: 0.5 }, 'lateExaggeration is 0.5: a number from 1 is accepted'],
    [{ tolerance: 1 }, 'tolerance is 1: 0, or a share below 1, is accepted'],
    [{ every: 0 }, 'every is 0: a whole number from 1 is accepted'],
    [{ dims: 4 as 3 }, 'dims is 4: 2 or 3 is accepted'],
    [{ dof: 0 }, 'dof is 0: a number above 0, at most 100, is accepted'],
    [
      { gradient: 'interpolation', dof: 2 },
      'gradient is interpolation: auto, exact or barnes-hut for dof above 1 is accepted',
    ],
    [{ threads: 0 }, 'threads is 0: a whole number from 1 is accepted'],
    [
      { gradient: 'fft' as 'exact' },
      'gradient is fft: one of auto, exact, barnes-hut, interpolation is accepted',
    ],
  ];
  it.each(options)('options %o', async (bad, message) => {
    const fitting = Object.keys(bad).length > 0 ? { perplexity: 3, ...bad } : bad;
    await expect(tsne(neighbours, initial, fitting)).rejects.toThrow(new RangeError(message));
  });

  const indices = (e: number, j: number) => ({ ...neighbours, indices: neighbours.indices.with(e, j) });
  const distances = (e: number, v: number) => ({ ...neighbours, distances: neighbours.distances.with(e, v) });
  const named = 'other points from 0 to 19 are accepted, each once';
  const points: [string, Neighbours, Float32Array, string][] = [
    [
      'three points',
      neighbours,
      new Float32Array(6),
      'initial has 6 values: n × 2 for n = 4 points or more are accepted',
    ],
    [
      'half a point',
      neighbours,
      new Float32Array(41),
      'initial has 41 values: n × 2 for n = 4 points or more are accepted',
    ],
    [
      'NaN for a place',
      neighbours,
      initial.with(7, Number.NaN),
      'initial has y = NaN for point 3: finite numbers are accepted',
    ],
    ['k = n', { ...neighbours, k: 20 }, initial, 'neighbours.k is 20: 1 to 19 is accepted for 20 points'],
    [
      'too few indices',
      { ...neighbours, indices: new Int32Array(9) },
      initial,
      'neighbours.indices has 9 values: 20 × 9 are accepted',
    ],
    [
      'too many distances',
      { ...neighbours, distances: new Float32Array(181) },
      initial,
      'neighbours.distances has 181 values: 20 × 9 are accepted',
    ],
    [
      'an order of fewer points',
      { ...neighbours, order: Int32Array.of(1, 0) },
      initial,
      'neighbours.order is a list of 2 points: one of all 20 is accepted',
    ],
    [
      'an order with a point twice',
      { ...neighbours, order: new Int32Array(20) },
      initial,
      'neighbours.order is 0: each point once is accepted',
    ],
    ['an index beyond n', indices(9, 20), initial, `neighbours.indices names 20 for point 1: ${named}`],
    ['the point itself', indices(9, 1), initial, `neighbours.indices names 1 for point 1: ${named}`],
    [
      'a neighbour twice',
      indices(1, neighbours.indices[0]),
      initial,
      `neighbours.indices names ${neighbours.indices[0]} for point 0: ${named}`,
    ],
    [
      'an infinite distance',
      distances(27, Number.POSITIVE_INFINITY),
      initial,
      'neighbours.distances has Infinity for point 3: finite numbers from 0 are accepted',
    ],
    [
      'a negative distance',
      distances(27, -1),
      initial,
      'neighbours.distances has -1 for point 3: finite numbers from 0 are accepted',
    ],
  ];
  it.each(points)('%s', async (_name, given, places, message) => {
    await expect(tsne(given, places, { perplexity: 3 })).rejects.toThrow(new RangeError(message));
  });
});

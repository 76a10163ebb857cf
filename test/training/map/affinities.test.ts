import { describe, expect, it } from 'vitest';
import {
  type Affinities,
  assertAffinities,
  assertMapFits,
  countNeighbours,
  placingPerplexity,
} from '../../../training/map/affinities.ts';
import { buildMap, type MapOptions } from '../../../training/map/map.ts';
import { gaussianMixture } from '../../tsne/points.ts';

describe('affinities', () => {
  const accepted: [Affinities, number, number][] = [
    [{ perplexity: 30 }, 90, 30],
    [{ perplexity: 32.5 }, 97, 32.5],
    [{ perplexity: [10, 33] }, 99, 10],
    [{ perplexity: 15, affinities: 'uniform' }, 15, 5],
    [{ perplexity: [7], affinities: 'gaussian' }, 21, 7],
  ];
  it.each(accepted)('%j are over so many neighbours, and place new points', (chosen, neighbours, placing) => {
    expect(() => assertAffinities(chosen, 101)).not.toThrow();
    expect(countNeighbours(chosen)).toBe(neighbours);
    expect(placingPerplexity(chosen)).toBe(placing);
  });

  it('are refused if they take more memory than threads can share', () => {
    const many = { dims: 3, threads: 2 };
    expect(() => assertMapFits({ perplexity: 30 }, 2_400_000, many)).not.toThrow();
    expect(() => assertMapFits({ perplexity: [10, 30] }, 3_000_000, many)).toThrow(
      /^a map of 3,000,000 points with a perplexity of 10, 30 takes 4\.\d+ GiB of shared memory, and at most 4 GiB fit: use fewer rows/,
    );
  });

  const refused: [Affinities, string][] = [
    [{ perplexity: 0.5 }, 'perplexity is 0.5: a map of 101 points takes a perplexity from 1 to 33'],
    [{ perplexity: [10, 34] }, 'perplexity is 34: a map of 101 points takes a perplexity from 1 to 33'],
    [
      { perplexity: [10, 20], affinities: 'uniform' },
      'perplexity is 10, 20: with uniform affinities it is the number of neighbours, and takes one number',
    ],
    [
      { perplexity: 2.5, affinities: 'uniform' },
      'perplexity is 2.5: a map of 101 points with uniform affinities takes a whole number of neighbours from 3 to 33',
    ],
  ];
  it.each(refused)('%j are refused', (chosen, message) => {
    expect(() => assertAffinities(chosen, 101)).toThrow(message);
  });
});

describe('a map of codes', () => {
  const [n, d, clusters] = [240, 6, 4];
  const { points, labels } = gaussianMixture(n, d, clusters, 3);
  const input = {
    codes: points,
    dims: d,
    ids: Array.from({ length: n }, (_, i) => i),
    splits: Array<string>(n).fill('test'),
    tested: n,
    labels,
    classes: ['a', 'b', 'c', 'd'],
    score: new Float32Array(n),
    p_value: new Float32Array(n).fill(1),
  };
  const chosen: Pick<MapOptions, 'perplexity' | 'affinities' | 'metric'>[] = [
    { perplexity: [5, 30] },
    { perplexity: 15, affinities: 'uniform' },
    { perplexity: 10, metric: 'cosine' },
    { perplexity: 10, metric: 'manhattan' },
  ];
  it.each(chosen)('keeps classes together and says how it was made: %j', async (options) => {
    const { manifest, report, files } = await buildMap(input, { ...options, iterations: 300, frames: 6 });
    expect(manifest).toMatchObject({ ...options, points: n, frames: 6 });
    expect(files.has('map-frames.bin')).toBe(true);
    expect(report.knn_accuracy).toBeGreaterThan(0.97);
    expect(report.placement!.median).toBeLessThan(0.2);
    expect(report.quality === null).toBe(options.metric === 'manhattan');
    expect(report).not.toHaveProperty('recall');
  });

  it('says how many of the nearest codes an approximate search has found', async () => {
    // The search of very many codes.
    const options = { perplexity: 10, iterations: 250, search: 'approximate' };
    const { report } = await buildMap(input, options);
    expect(report.recall).toBeGreaterThan(0.9);
    expect(report.recall).toBeLessThanOrEqual(1);
  });

  it('names a code that has no direction', async () => {
    const codes = points.slice().fill(0, 6, 12);
    await expect(
      buildMap({ ...input, codes }, { perplexity: 5, iterations: 250, metric: 'cosine' }),
    ).rejects.toThrow('the codes: row 2 has only zeros, and so no direction: use the metric euclidean');
  });
});

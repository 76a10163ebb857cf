import { describe, expect, it } from 'vitest';
import { measureVotes } from '../../training/linear/vote.ts';
import { tsne } from '../../tsne/index.ts';
import { findNeighboursByDefinition, gaussianMixture } from './points.ts';

describe('t-SNE of vectors', () => {
  const [n, d] = [400, 6];
  const { points, labels } = gaussianMixture(n, d, 4, 3);
  const options = { perplexity: 10, iterations: 300 };

  it('keeps clusters together, in the plane and in space, and shows every iteration', async () => {
    for (const dims of [2, 3] as const) {
      const seen: number[] = [];
      let last = new Float32Array();
      const { embedding } = await tsne(
        { values: points, n, d },
        {
          ...options,
          dims,
          onIteration(map, iteration) {
            seen.push(iteration);
            last = Float32Array.from(map);
          },
        },
      );
      expect(measureVotes(findNeighboursByDefinition(embedding, n, dims, 10), labels, 10)).toBe(1);
      expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
      expect(last).toEqual(embedding);
    }
  });

  it('takes vectors of one number', async () => {
    const values = Float32Array.from({ length: 50 }, (_, i) => i * i);
    const { embedding } = await tsne({ values, n: 50, d: 1 }, { perplexity: 5, iterations: 50 });
    expect(embedding.every(Number.isFinite)).toBe(true);
  });

  it('says what is wrong with the vectors or the perplexity', async () => {
    const values = new Float32Array(30);
    await expect(tsne({ values, n: 10, d: 3 }, { perplexity: 4 })).rejects.toThrow(
      'perplexity is 4: 1 to 3 for 10 vectors is accepted',
    );
    await expect(tsne({ values: values.fill(Number.NaN), n: 10, d: 3 }, { perplexity: 3 })).rejects.toThrow(
      'row 0, column 0 is NaN',
    );
    await expect(tsne({ values, n: 3, d: 10 })).rejects.toThrow(
      'n is 3: a number of vectors from 4 is accepted',
    );
  });
});

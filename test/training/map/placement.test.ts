import { expect, test } from 'vitest';
import { encodeCodes } from '../../../bundle/codes.ts';
import { measurePlacement } from '../../../training/map/placement.ts';
import { tsne } from '../../../tsne/tsne.ts';
import { findNeighboursByDefinition, firstAxes, gaussianMixture } from '../../tsne/points.ts';

const [n, d, perplexity] = [240, 4, 10];

test('places by neighbours are near those by t-SNE, and not if they are those of other codes', async () => {
  const { points } = gaussianMixture(n, d, 3, 5);
  const neighbours = findNeighboursByDefinition(points, n, d, 30);
  const { embedding } = await tsne(neighbours, firstAxes(points, n, d, 2), { perplexity, iterations: 500 });
  const measure = (codes: Float32Array) => {
    const [x, y] = [0, 1].map((axis) => embedding.filter((_, p) => p % 2 === axis));
    const file = encodeCodes({ codes, dims: d, ids: Int32Array.from(x.keys()), x, y, neighbours: 10 });
    return measurePlacement(file, embedding, neighbours, perplexity);
  };
  const { points: count, median, p90 } = measure(points);
  expect(count).toBe(n);
  expect(median).toBeGreaterThan(0);
  expect(median).toBeLessThan(0.05);
  expect(p90).toBeGreaterThanOrEqual(median);
  expect(p90).toBeLessThan(0.1);
  // Point i is in cluster i % 3: with the points' codes exchanged like this, those of each cluster go to all three.
  const other = (i: number) => (n / 3) * (i % 3) + Math.floor(i / 3);
  const exchanged = points.map((_, p) => points[d * other(Math.floor(p / d)) + (p % d)]);
  expect(measure(exchanged).median).toBeGreaterThan(0.2);
});

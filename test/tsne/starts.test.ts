import { describe, expect, it } from 'vitest';
import { randomStart, spectralStart } from '../../tsne/starts.ts';
import { findNeighboursByDefinition, gaussianMixture } from './points.ts';

const n = 200;

describe('a random start', () => {
  it('is another one for another seed, and the same for the same', () => {
    expect(randomStart(n, 3, 1)).toEqual(randomStart(n, 3, 1));
    expect(randomStart(n, 3, 1)).not.toEqual(randomStart(n, 3, 2));
    expect(randomStart(n, 3, 1).length).toBe(3 * n);
  });
});

describe('a spectral start', () => {
  it('unrolls a ring: the leading eigenvectors of a cycle are its sine and cosine', () => {
    // On a circle all points are alike, so P is circulant, and its eigenvectors are waves around the circle.
    const circle = Float32Array.from({ length: 2 * n }, (_, p) => {
      const angle = (2 * Math.PI * Math.floor(p / 2)) / n;
      return p % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    });
    const neighbours = findNeighboursByDefinition(circle, n, 2, 60);
    const start = spectralStart(neighbours, { perplexity: 20 });
    const radius = Array.from({ length: n }, (_, i) => Math.hypot(start[2 * i], start[2 * i + 1]));
    const mean = radius.reduce((sum, r) => sum + r / n, 0);
    for (let i = 0; i < n; i++) {
      expect(radius[i] / mean).toBeGreaterThan(0.9);
      expect(radius[i] / mean).toBeLessThan(1.1);
      const j = (i + 1) % n;
      const step = Math.hypot(start[2 * j] - start[2 * i], start[2 * j + 1] - start[2 * i + 1]);
      expect(step / mean).toBeGreaterThan((0.8 * 2 * Math.PI) / n);
      expect(step / mean).toBeLessThan((1.2 * 2 * Math.PI) / n);
    }
  });

  it('puts two groups without a link on two sides', () => {
    const { points } = gaussianMixture(n, 4, 2, 1);
    const start = spectralStart(findNeighboursByDefinition(points, n, 4, 45), { perplexity: 15, dims: 3 });
    expect(start.length).toBe(3 * n);
    for (let i = 2; i < n; i++) expect(Math.sign(start[3 * i])).toBe(Math.sign(start[3 * (i % 2)]));
    expect(Math.sign(start[0])).not.toBe(Math.sign(start[3]));
  });

  it('refuses a perplexity beyond a third of the neighbours', () => {
    const neighbours = findNeighboursByDefinition(new Float32Array(20), 20, 1, 9);
    expect(() => spectralStart(neighbours)).toThrow(
      'perplexity is 30: 1 to k / 3 for k = 9 neighbours is accepted',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { initialise } from '../../tsne/initialisation.ts';
import { gaussianMixture } from './points.ts';

describe('the initial map', () => {
  const { points } = gaussianMixture(500, 2, 4, 1);
  const y = initialise(points);
  const axis = (values: ArrayLike<number>, a: number) => Array.from(values).filter((_, p) => p % 2 === a);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

  it('has standard deviation 1e-4 on the first axis and the proportions of the given coordinates', () => {
    expect(deviation(axis(y, 0)) / 1e-4).toBeCloseTo(1, 2);
    const ratio = deviation(axis(points, 1)) / deviation(axis(points, 0));
    expect(deviation(axis(y, 1)) / deviation(axis(y, 0))).toBeCloseTo(ratio, 2);
    for (const a of [0, 1]) expect(Math.abs(mean(axis(y, a)))).toBeLessThan(1e-6);
  });

  it('is the given one up to 1 % of noise', () => {
    const scale = 1e-4 / deviation(axis(points, 0));
    for (const a of [0, 1]) {
      const [given, got] = [axis(points, a), axis(y, a)];
      const centre = mean(given);
      const noise = got.map((value, i) => value - (given[i] - centre) * scale);
      expect(deviation(noise)).toBeGreaterThan(0.8e-6);
      expect(deviation(noise)).toBeLessThan(1.2e-6);
    }
  });

  it('is the same every time, and separates equal points', () => {
    expect(initialise(points)).toEqual(y);
    const equal = initialise(new Float32Array(20).fill(3));
    expect(new Set(equal).size).toBe(20);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Affinities,
  computeConditionalAffinities,
  computeJointAffinities,
  computeMultiscaleAffinities,
} from '../../tsne/affinities.ts';
import { findNeighboursByDefinition, gaussianMixture } from './points.ts';

function conditionalOf(distances: Float32Array, k: number, perplexity: number): Float64Array {
  const conditional = new Float64Array(distances.length);
  computeConditionalAffinities(distances, k, perplexity, 0, distances.length / k, conditional);
  return conditional;
}

function jointOf(conditional: Float64Array, indices: Int32Array, n: number, k: number): Affinities {
  const joint = {
    rowStart: new Int32Array(n + 1),
    column: new Int32Array(2 * n * k),
    value: new Float32Array(2 * n * k),
  };
  computeJointAffinities(conditional, indices, n, k, joint);
  return joint;
}

const perplexityOf = (row: Float64Array) =>
  Math.exp(-row.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0));

describe('conditional affinities', () => {
  it('have the requested perplexity in every row, whatever the scale of the distances', () => {
    const ticks = fc.uniqueArray(fc.integer({ min: 0, max: 9999 }), { minLength: 90, maxLength: 90 });
    const scale = fc.integer({ min: -18, max: 18 }).map((power) => 10 ** power);
    fc.assert(
      fc.property(ticks, scale, fc.integer({ min: 2, max: 30 }), (row, unit, perplexity) => {
        const distances = Float32Array.from(row, (tick) => (1 + tick / 5000) * unit);
        const conditional = conditionalOf(distances, 90, perplexity);
        expect(perplexityOf(conditional)).toBeCloseTo(perplexity, 3);
        expect(conditional.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('are Gaussian in the distance: their logarithm is linear in its square', () => {
    const distances = Float32Array.from({ length: 30 }, (_, j) => 1 + j / 8);
    const p = conditionalOf(distances, 30, 10);
    const slope = (j: number) => Math.log(p[j] / p[0]) / (distances[j] ** 2 - distances[0] ** 2);
    for (let j = 2; j < 30; j++) expect(slope(j)).toBeCloseTo(slope(1), 8);
    expect(slope(1)).toBeLessThan(0);
  });

  it('are uniform over the nearest points if more than the perplexity are equally near', () => {
    const p = conditionalOf(Float32Array.from([0, 0, 0, 0, 1, 2, 3, 4, 5]), 9, 3);
    for (let j = 0; j < 9; j++) expect(p[j]).toBeCloseTo(j < 4 ? 0.25 : 0, 12);
    expect(Array.from(conditionalOf(new Float32Array(9), 9, 3))).toEqual(new Array(9).fill(1 / 9));
  });

  it('of the smallest perplexity, 1, are finite, and all of the nearest point', () => {
    for (const distances of [
      [0, 1e-6, 2, 1e4, 1e4],
      [1, 2, 3, 1e15, 1e15],
      [2.2360665, 2.2360665, 2.236068, 10_002, 10_002],
    ]) {
      const p = conditionalOf(Float32Array.from(distances), 5, 1);
      expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      expect(p[0]).toBeGreaterThan(0.49);
      expect(p[0]).toBe(Math.max(...p));
    }
  });
});

describe('affinities of several perplexities', () => {
  it('are the mean of those of each, in the rows of a block only', () => {
    const [n, k] = [5, 40];
    const distances = Float32Array.from({ length: n * k }, (_, e) => 1 + (e % k) / 7 + Math.floor(e / k));
    const mean = new Float64Array(n * k);
    computeMultiscaleAffinities(distances, k, [3, 12], 1, 4, mean);
    const [near, far] = [3, 12].map((perplexity) => conditionalOf(distances, k, perplexity));
    for (const [e, p] of mean.entries()) {
      const inside = e >= k && e < 4 * k;
      expect(p).toBeCloseTo(inside ? (near[e] + far[e]) / 2 : 0, 12);
    }
  });
});

describe('joint affinities', () => {
  const n = 120;
  const k = 30;
  const { points } = gaussianMixture(n, 4, 3, 1);
  const { indices, distances } = findNeighboursByDefinition(points, n, 4, k);
  const conditional = conditionalOf(distances, k, 10);
  const joint = jointOf(conditional, indices, n, k);

  it('are (p(j|i) + p(i|j)) / 2n, for exactly the pairs in which one is a neighbour of the other', () => {
    const dense = new Float64Array(n * n);
    const named = new Set<number>();
    for (let e = 0; e < n * k; e++) {
      const [i, j] = [Math.floor(e / k), indices[e]];
      for (const pair of [i * n + j, j * n + i]) {
        dense[pair] += conditional[e] / (2 * n);
        named.add(pair);
      }
    }
    let entries = 0;
    for (let i = 0; i < n; i++) {
      for (let e = joint.rowStart[i]; e < joint.rowStart[i + 1]; e++, entries++) {
        expect(named.has(i * n + joint.column[e])).toBe(true);
        expect(joint.value[e]).toBe(Math.fround(dense[i * n + joint.column[e]]));
        if (e > joint.rowStart[i]) expect(joint.column[e]).toBeGreaterThan(joint.column[e - 1]);
      }
    }
    expect(entries).toBe(named.size);
  });

  it('are symmetric to the bit and sum to 1', () => {
    const at = new Map<number, number>();
    let sum = 0;
    for (let i = 0; i < n; i++) {
      for (let e = joint.rowStart[i]; e < joint.rowStart[i + 1]; e++) {
        at.set(i * n + joint.column[e], joint.value[e]);
        sum += joint.value[e];
      }
    }
    for (const [pair, value] of at) expect(at.get((pair % n) * n + Math.floor(pair / n))).toBe(value);
    expect(sum).toBeCloseTo(1, 6);
  });
});

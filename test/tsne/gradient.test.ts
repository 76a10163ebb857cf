import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attract, partialDivergence } from '../../tsne/attraction.ts';
import { BarnesHut } from '../../tsne/gradient-barnes-hut.ts';
import { computeExactGradient, repelExactly } from '../../tsne/gradient-exact.ts';
import { QuadtreeBuilder } from '../../tsne/quadtree.ts';
import { newTree, randomAffinities, scatterPoints } from './points.ts';

/** |a − b| / |b| */
function relativeError(a: Float64Array, b: Float64Array): number {
  let difference = 0;
  let norm = 0;
  for (let p = 0; p < b.length; p++) {
    difference += (a[p] - b[p]) ** 2;
    norm += b[p] ** 2;
  }
  return Math.sqrt(difference / norm);
}

function exactForces(y: Float64Array) {
  const forces = new Float64Array(y.length);
  const z = repelExactly(y, 0, y.length / 2, forces);
  return { forces, z };
}

function barnesHutForces(y: Float64Array, theta: number) {
  const n = y.length / 2;
  const tree = newTree(n);
  new QuadtreeBuilder(tree).build(y);
  const barnesHut = new BarnesHut(tree, theta);
  const forces = new Float64Array(y.length);
  const half = Math.floor(n / 2);
  const z = barnesHut.repel(0, half, forces) + barnesHut.repel(half, n, forces);
  return { forces, z };
}

describe('the exact gradient', () => {
  it('agrees with central finite differences of the KL divergence', () => {
    const n = 25;
    const p = randomAffinities(n, 1);
    for (const extent of [0.1, 3, 40]) {
      const y = scatterPoints(n, extent, 2);
      const { gradient } = computeExactGradient(p, y);
      const differences = Float64Array.from(y, (value, c) => {
        const step = 1e-5 * extent;
        const at = (moved: number) => computeExactGradient(p, y.with(c, moved)).klDivergence;
        return (at(value + step) - at(value - step)) / (2 * step);
      });
      expect(relativeError(gradient, differences)).toBeLessThan(1e-6);
    }
  });

  it('is 4 (F_attr − F_rep / Z), and the KL divergence Σ p log(p / w) + log Z', () => {
    const n = 60;
    const p = randomAffinities(n, 3);
    const y = scatterPoints(n, 10, 4);
    const attraction = new Float64Array(2 * n);
    attract(p, y, 0, 20, attraction);
    attract(p, y, 20, n, attraction);
    const { forces, z } = exactForces(y);
    const { gradient, klDivergence } = computeExactGradient(p, y);
    const composed = gradient.map((_, c) => 4 * (attraction[c] - forces[c] / z));
    expect(relativeError(composed, gradient)).toBeLessThan(1e-12);
    expect(partialDivergence(p, y, 0, 20) + partialDivergence(p, y, 20, n) + Math.log(z)).toBeCloseTo(
      klDivergence,
      6,
    );
  });

  it('vanishes where Q equals P', () => {
    const triangle = Float64Array.from([0, 0, 1, 0, 0.5, Math.sqrt(3) / 2]);
    const p = {
      rowStart: Int32Array.from([0, 2, 4, 6]),
      column: Int32Array.from([1, 2, 0, 2, 0, 1]),
      value: new Float32Array(6).fill(1 / 6),
    };
    const { gradient, klDivergence } = computeExactGradient(p, triangle);
    for (const slope of gradient) expect(slope).toBeCloseTo(0, 7);
    expect(klDivergence).toBeCloseTo(0, 7);
  });
});

describe('the Barnes–Hut repulsion', () => {
  it('is exact at θ = 0, for any points', () => {
    const coordinate = fc.oneof(fc.double({ min: -30, max: 30, noNaN: true }), fc.constantFrom(0, 1e-7, 5));
    const places = fc.array(fc.tuple(coordinate, coordinate), { minLength: 4, maxLength: 100 });
    fc.assert(
      fc.property(places, (pairs) => {
        const y = Float64Array.from(pairs.flat());
        const exact = exactForces(y);
        const { forces, z } = barnesHutForces(y, 0);
        expect(z).toBeCloseTo(exact.z, 8);
        for (let c = 0; c < y.length; c++) expect(forces[c]).toBeCloseTo(exact.forces[c], 9);
      }),
    );
  });

  it.each([
    [0.2, 0.001],
    [0.5, 0.01],
    [1, 0.1],
  ])('at θ = %d is within a relative error of %d at every stage of a map', (theta, most) => {
    for (const extent of [1e-3, 5, 100]) {
      const y = scatterPoints(2000, extent, 5);
      const exact = exactForces(y);
      const { forces, z } = barnesHutForces(y, theta);
      expect(relativeError(forces, exact.forces)).toBeLessThan(most);
      expect(Math.abs(z - exact.z) / exact.z).toBeLessThan(most);
      // Without going through all pairs.
      if (theta > 0) expect(relativeError(forces, exact.forces)).toBeGreaterThan(1e-12);
    }
  });
});

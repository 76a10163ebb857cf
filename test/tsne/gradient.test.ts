import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelMemory } from '../../kernels/kernels.ts';
import { attract, partialDivergence } from '../../tsne/attraction.ts';
import { BarnesHut } from '../../tsne/gradient-barnes-hut.ts';
import { computeExactGradient, repelExactly } from '../../tsne/gradient-exact.ts';
import {
  boundsOf,
  createGrid,
  createWork,
  gridBytes,
  Interpolation,
} from '../../tsne/gradient-interpolation.ts';
import { QuadtreeBuilder } from '../../tsne/quadtree.ts';
import { clusterPoints, newTree, randomAffinities, scatterPoints } from './points.ts';

/** |a − b| / |b| */
function relativeError(a: Float32Array | Float64Array, b: Float64Array): number {
  let difference = 0;
  let norm = 0;
  for (let p = 0; p < b.length; p++) {
    difference += (a[p] - b[p]) ** 2;
    norm += b[p] ** 2;
  }
  return Math.sqrt(difference / norm);
}

function exactForces(y: Float32Array | Float64Array) {
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

/** Forces by a grid that is laid over each of some maps in turn, in blocks that some threads share. */
function interpolatedForces(maps: Float64Array[], threads = 1) {
  const n = maps[0].length / 2;
  const memory = new KernelMemory(gridBytes(n, threads) + 32 * n + 128);
  const grid = createGrid(memory, n);
  const crew = Array.from(
    { length: threads },
    () => new Interpolation(memory.kernels, grid, createWork(memory)),
  );
  const [y, forces] = [memory.f32(2 * n), memory.f32(2 * n)];
  const share = (blocks: number, task: (thread: Interpolation, block: number) => void) => {
    for (let block = 0; block < blocks; block++) task(crew[block % threads], block);
  };
  return maps.map((map) => {
    y.set(map);
    crew[0].prepare(y, boundsOf(y));
    share(crew[0].rowBlocks, (thread, block) => thread.spread(block));
    share(crew[0].columnBlocks, (thread, block) => thread.convolve(block));
    share(crew[0].rowBlocks, (thread, block) => thread.restore(block));
    const half = Math.floor(n / 2);
    const z = crew[0].repel(0, half, forces) + crew[threads - 1].repel(half, n, forces);
    return { y: y.slice(), forces: forces.slice(), z };
  });
}

describe('the interpolated repulsion', () => {
  const extents = [1e-4, 0.01, 1, 1.99, 2.01, 10, 15.9, 33, 34, 60, 100, 150];
  const maps = extents.map((extent) => clusterPoints(5000, extent, 5));

  /** The relative error of the forces and of Z, and the mean force in units of the usual one. */
  function compareForces(given: Float64Array[]) {
    return interpolatedForces(given).map(({ y, forces, z }) => {
      const exact = exactForces(y);
      const size = Math.sqrt(exact.forces.reduce((sum, force) => sum + force ** 2, 0) / y.length);
      const drift = [0, 1].map((axis) => forces.reduce((sum, f, p) => sum + (p % 2 === axis ? f : 0), 0));
      return {
        error: relativeError(forces, exact.forces),
        zError: Math.abs(z / exact.z - 1),
        drift: Math.hypot(...drift) / 5000 / size,
      };
    });
  }

  it('is within a relative error of 0.005 at every stage of a map, on one grid that grows', () => {
    for (const { error, zError, drift } of compareForces(maps)) {
      expect(error).toBeLessThan(0.005);
      expect(error).toBeGreaterThan(0);
      expect(zError).toBeLessThan(1e-4);
      expect(drift).toBeLessThan(1e-3);
    }
  });

  it('is within 0.02 where a sixth of the points lie within a third of the width of the kernel', () => {
    const tight = [30, 33, 34, 40].map((extent) => scatterPoints(5000, extent, 5));
    for (const { error, zError, drift } of compareForces(tight)) {
      expect(error).toBeLessThan(0.02);
      expect(zError).toBeLessThan(1e-3);
      expect(drift).toBeLessThan(0.005);
    }
  });

  it('does not depend on which thread has which block, nor on the grid before', () => {
    const [last] = interpolatedForces(maps.slice(-1));
    expect(interpolatedForces(maps, 3).at(-1)).toEqual(last);
  });

  it('is defined for points that are all equal, and for a map wider than the largest grid', () => {
    const [same] = interpolatedForces([new Float64Array(200).fill(3)]);
    expect(same.z).toBeCloseTo(100 * 99, 2);
    for (const force of same.forces) expect(force).toBeCloseTo(0, 3);
    const wide = clusterPoints(100, 5, 1);
    wide.set([1e5, 0], 0);
    const [{ forces, z }] = interpolatedForces([wide]);
    expect(Number.isFinite(z)).toBe(true);
    expect(forces.every(Number.isFinite)).toBe(true);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelMemory } from '../../kernels/kernels.ts';
import { attract, partialDivergence } from '../../tsne/attraction.ts';
import { BarnesHut, createTraversal, traversalBytes } from '../../tsne/gradient-barnes-hut.ts';
import { computeExactGradient, repelExactly } from '../../tsne/gradient-exact.ts';
import { Interpolation } from '../../tsne/gradient-interpolation.ts';
import { boundsOf, covers, createGrid, createWork, gridBytes } from '../../tsne/grid.ts';
import type { Space } from '../../tsne/space.ts';
import { createTree, TreeBuilder, treeBytes } from '../../tsne/tree.ts';
import { clusterPoints, randomAffinities, scatterPoints } from './points.ts';

const SPACES: Space[] = [2, 3].flatMap((dims) => [0.5, 1, 3].map((dof) => ({ dims, dof })));
const PLANE: Space = { dims: 2, dof: 1 };

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

function exactForces(y: Float32Array | Float64Array, space = PLANE) {
  const forces = new Float64Array(y.length);
  const z = repelExactly(y, 0, y.length / space.dims, forces, space);
  return { forces, z };
}

function barnesHutForces(points: Float64Array, theta: number, space = PLANE) {
  const n = points.length / space.dims;
  const memory = new KernelMemory(treeBytes(n) + traversalBytes(1) + 8 * points.length + 128);
  const tree = createTree(memory, n);
  const [y, forces] = [memory.f32(points.length), memory.f32(points.length)];
  y.set(points);
  new TreeBuilder(tree, space.dims).build(y);
  const barnesHut = new BarnesHut(memory.kernels, tree, createTraversal(memory), { theta, ...space });
  const half = Math.floor(n / 2);
  const z = barnesHut.repel(0, half, forces) + barnesHut.repel(half, n, forces);
  return { y, forces, z };
}

describe('the exact gradient', () => {
  it.each(SPACES)('agrees with central finite differences of the KL divergence: %o', (space) => {
    const n = 25;
    const p = randomAffinities(n, 1);
    for (const extent of [0.1, 3, 40]) {
      const y = scatterPoints(n, extent, 2, space.dims);
      const { gradient } = computeExactGradient(p, y, space);
      const differences = Float64Array.from(y, (value, c) => {
        const step = 1e-5 * extent;
        const at = (moved: number) => computeExactGradient(p, y.with(c, moved), space).klDivergence;
        return (at(value + step) - at(value - step)) / (2 * step);
      });
      expect(relativeError(gradient, differences)).toBeLessThan(1e-6);
    }
  });

  it.each(SPACES)(
    'is 4 α (F_attr − F_rep / Z), and the KL divergence Σ p log(p / w) + log Z: %o',
    (space) => {
      const n = 60;
      const p = randomAffinities(n, 3);
      const y = scatterPoints(n, 10, 4, space.dims);
      const attraction = new Float64Array(y.length);
      attract(p, y, 0, 20, attraction, space);
      attract(p, y, 20, n, attraction, space);
      const { forces, z } = exactForces(y, space);
      const { gradient, klDivergence } = computeExactGradient(p, y, space);
      const composed = gradient.map((_, c) => 4 * space.dof * (attraction[c] - forces[c] / z));
      expect(relativeError(composed, gradient)).toBeLessThan(1e-12);
      const divergence = partialDivergence(p, y, 0, 20, space) + partialDivergence(p, y, 20, n, space);
      expect(divergence + Math.log(z)).toBeCloseTo(klDivergence, 6);
    },
  );

  it('vanishes where Q equals P', () => {
    const triangle = Float64Array.from([0, 0, 1, 0, 0.5, Math.sqrt(3) / 2]);
    const p = {
      rowStart: Int32Array.from([0, 2, 4, 6]),
      column: Int32Array.from([1, 2, 0, 2, 0, 1]),
      value: new Float32Array(6).fill(1 / 6),
    };
    const { gradient, klDivergence } = computeExactGradient(p, triangle, PLANE);
    for (const slope of gradient) expect(slope).toBeCloseTo(0, 7);
    expect(klDivergence).toBeCloseTo(0, 7);
  });
});

describe('the Barnes–Hut repulsion', () => {
  it.each(SPACES)('is exact at θ = 0, for any points: %o', (space) => {
    const coordinate = fc.oneof(
      fc.double({ min: -30, max: 30, noNaN: true }),
      fc.constantFrom(0, 1e-7, 5, 1e4),
    );
    const place = fc.array(coordinate, { minLength: space.dims, maxLength: space.dims });
    fc.assert(
      fc.property(fc.array(place, { minLength: 4, maxLength: 100 }), (places) => {
        const { y, forces, z } = barnesHutForces(Float64Array.from(places.flat()), 0, space);
        const exact = exactForces(y, space);
        expect(Math.abs(z - exact.z)).toBeLessThan(1e-5 * places.length ** 2);
        for (let c = 0; c < y.length; c++) expect(forces[c]).toBeCloseTo(exact.forces[c], 4);
      }),
    );
  });

  it.each(
    SPACES.flatMap((space) => [
      { ...space, theta: 0.2, most: 0.001 },
      { ...space, theta: 0.5, most: 0.01 },
      { ...space, theta: 1, most: 0.1 },
    ]),
  )(
    'at θ = $theta is within a relative error of $most at every stage of a map: %o',
    ({ theta, most, ...space }) => {
      for (const extent of [1e-3, 5, 100]) {
        const { y, forces, z } = barnesHutForces(scatterPoints(2000, extent, 5, space.dims), theta, space);
        const exact = exactForces(y, space);
        expect(relativeError(forces, exact.forces)).toBeLessThan(most);
        expect(Math.abs(z - exact.z) / exact.z).toBeLessThan(most);
        // Without going through all pairs.
        if (theta > 0.2 && extent > 1) expect(relativeError(forces, exact.forces)).toBeGreaterThan(1e-6);
      }
    },
  );

  it('is that of many equal points in one step', () => {
    const { forces, z } = barnesHutForces(new Float64Array(30_000).fill(3), 0.5);
    expect(z).toBe(15_000 * 14_999);
    expect(forces.every((force) => force === 0)).toBe(true);
  });
});

/** Forces by a grid that is laid over each of some maps in turn, in blocks that some threads share. */
function interpolatedForces(maps: Float64Array[], { threads = 1, dims = 2, dof = 1 } = {}) {
  const n = maps[0].length / dims;
  const memory = new KernelMemory(gridBytes(n, threads, dims) + 32 * n + 128);
  const grid = createGrid(memory, n, dims);
  const crew = Array.from(
    { length: threads },
    () => new Interpolation(memory.kernels, grid, createWork(memory, n, dims), dof),
  );
  const [y, forces] = [memory.f32(dims * n), memory.f32(dims * n)];
  const share = (blocks: number, task: (thread: Interpolation, block: number) => void) => {
    for (let block = 0; block < blocks; block++) task(crew[block % threads], block);
  };
  return maps.map((map) => {
    y.set(map);
    crew[0].prepare(y, boundsOf(y, dims));
    share(crew[0].rowBlocks, (thread, block) => thread.spread(block));
    share(crew[0].columnBlocks, (thread, block) => thread.convolve(block));
    share(crew[0].rowBlocks, (thread, block) => thread.restore(block));
    const half = Math.floor(n / 2);
    const z = crew[0].repel(0, half, forces) + crew[threads - 1].repel(half, n, forces);
    return { y: y.slice(), forces: forces.slice(), z };
  });
}

describe.each([
  {
    dims: 2,
    extents: [1e-4, 0.01, 1, 1.99, 2.01, 10, 15.9, 33, 34, 60, 100, 150],
    tight: [30, 33, 34, 40],
  },
  {
    dims: 3,
    extents: [1e-4, 0.01, 1, 1.99, 2.01, 10, 16, 17, 34, 53],
    tight: [12, 18, 25, 30],
  },
])('the interpolated repulsion with $dims axes', ({ dims, extents, tight }) => {
  const maps = extents.map((extent) => clusterPoints(5000, extent, 5, dims));

  /** The relative error of the forces and of Z, and the mean force in units of the usual one. */
  function compareForces(given: Float64Array[], dof = 1) {
    return interpolatedForces(given, { dims, dof }).map(({ y, forces, z }) => {
      const exact = exactForces(y, { dims, dof });
      const size = Math.sqrt(exact.forces.reduce((sum, force) => sum + force ** 2, 0) / y.length);
      const drift = Array.from({ length: dims }, (_, axis) =>
        forces.reduce((sum, f, p) => sum + (p % dims === axis ? f : 0), 0),
      );
      return {
        error: relativeError(forces, exact.forces),
        zError: Math.abs(z / exact.z - 1),
        drift: (dims * Math.hypot(...drift)) / y.length / size,
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
    const given = tight.map((extent) => scatterPoints(5000, extent, 5, dims));
    for (const { error, zError, drift } of compareForces(given)) {
      expect(error).toBeLessThan(0.02);
      expect(zError).toBeLessThan(1e-3);
      expect(drift).toBeLessThan(0.005);
    }
  });

  it.each([0.3, 0.8])('is as near with %d degrees of freedom', (dof) => {
    const few = extents.filter((_, p) => p % 2 === 0).map((extent) => clusterPoints(1000, extent, 5, dims));
    for (const { error, zError } of compareForces(few, dof)) {
      expect(error).toBeLessThan(0.005);
      expect(zError).toBeLessThan(1e-4);
    }
  });

  it('does not depend on which thread has which block, nor on the grid before', () => {
    const some = maps.slice(0, -1);
    const [last] = interpolatedForces(some.slice(-1), { dims });
    expect(interpolatedForces(some, { dims, threads: 3 }).at(-1)).toEqual(last);
  });

  it('is defined for points that are all equal', () => {
    const [same] = interpolatedForces([new Float64Array(100 * dims).fill(3)], { dims });
    expect(same.z).toBeCloseTo(100 * 99, 2);
    for (const force of same.forces) expect(force).toBeCloseTo(0, 3);
  });

  it('takes at most 370 MB beside the points, and does not cover every map', () => {
    for (const n of [5000, 1_000_000]) {
      expect(gridBytes(n, 2, dims) - 4 * n * (dims + 1)).toBeLessThan(3.7e8);
      expect(covers(extents.at(-1)!, n, dims)).toBe(true);
      expect(covers(1e5, n, dims)).toBe(false);
    }
  });
});

it('a wide map of very many points gets a grid without wider gaps', () => {
  const n = 200_001;
  const y = scatterPoints(n, 900, 5);
  const [{ forces }] = interpolatedForces([y]);
  for (let i = 0; i < n; i += 20_000) {
    let [x, z] = [0, 0];
    for (let j = 0; j < n; j++) {
      const [dx, dy] = [y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1]];
      const square = (1 + dx * dx + dy * dy) ** -2;
      x += square * dx;
      z += square * dy;
    }
    expect(Math.hypot(forces[2 * i] - x, forces[2 * i + 1] - z)).toBeLessThan(
      0.02 * Math.hypot(x, z) + 0.003,
    );
  }
});

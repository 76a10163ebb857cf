import { KernelMemory } from '../kernels/kernels.ts';
import { computeConditionalAffinities } from './affinities.ts';
import { BarnesHut, createTraversal, traversalBytes } from './gradient-barnes-hut.ts';
import { createTree, TreeBuilder, treeBytes } from './tree.ts';
import type { Neighbours } from './types.ts';
import {
  checkFreedom,
  checkNeighbours,
  checkOption,
  checkPerplexity,
  checkPlaces,
  defaultTheta,
} from './validation.ts';

export interface FixedMapOptions {
  /** Axes of the map: 2, the default, or 3. */
  dims?: 2 | 3;
  /** Degrees of freedom of the kernel that the map was made with. Default 1. */
  dof?: number;
  /** Coarseness of the repulsion by far points, 0 (exact) to 1. Default 0.5, and 0.8 for three axes. */
  theta?: number;
}

/** Steps for each point, at most; a few dozen are enough. */
const MOST_STEPS = 200;

/** A step shorter than this, in units of the kernel's width, is the last. */
const SMALLEST_STEP = 1e-4;

/** The longest step: further on, the shape of the cost is another one. */
const LONGEST_STEP = 1;

/** Rounding of the cost, which no step has to improve on. */
const ROUNDING = 1e-6;

/**
 * A finished map that takes new points. Each is placed where the divergence of its own similarities to all points of the map
 * from its affinities is least, while these stay where they are:
 *
 *   C(y) = Σ_j p_j log(p_j / q_j),  q_j = w_j / Σ_k w_k,  w_j = (1 + |y − y_j|² / α)^−α
 *   ∂C/∂y = 2 (Σ_j p_j u_j (y − y_j) − Σ_j q_j u_j (y − y_j)),  u_j = 1 / (1 + |y − y_j|² / α)
 *
 * New points do not act on each other, so a point's place does not depend on which others come with it.
 */
export class FixedMap {
  readonly #dims: number;
  readonly #dof: number;
  readonly #n: number;
  /** n × dims, in units of √α */
  readonly #places: Float32Array;
  readonly #barnesHut: BarnesHut;
  readonly #target: Float32Array;
  readonly #order: Int32Array;
  readonly #force: Float32Array;
  readonly #gradient = new Float64Array(3);

  /**
   * @param embedding n × dims, row-major
   * @throws RangeError naming the argument or option, if one is not as described here
   */
  constructor(embedding: Float32Array, options: FixedMapOptions = {}) {
    const { dims = 2, dof = 1, theta = defaultTheta(dims) } = options;
    checkOption(dims === 2 || dims === 3, 'dims', dims, '2 or 3');
    checkFreedom(dof);
    checkOption(theta >= 0 && theta <= 1, 'theta', theta, '0 to 1');
    const n = embedding.length / dims;
    if (!Number.isInteger(n) || n < 1) {
      throw new RangeError(`the map has ${embedding.length} values: n × ${dims} are accepted`);
    }
    checkPlaces('the map', embedding, dims);
    this.#dims = dims;
    this.#dof = dof;
    this.#n = n;
    this.#places = embedding.map((value) => value / Math.sqrt(dof));
    const memory = new KernelMemory(treeBytes(n) + traversalBytes(1) + 3 * 128);
    const tree = createTree(memory, n);
    new TreeBuilder(tree, dims).build(this.#places);
    this.#barnesHut = new BarnesHut(memory.kernels, tree, createTraversal(memory), { dims, dof, theta });
    this.#target = memory.f32(4);
    this.#order = memory.i32(1);
    this.#force = memory.f32(4);
  }

  /**
   * Places new points.
   *
   * @param neighbours of m new points among the n points of the map, m × k; k is at least 3 × perplexity
   * @param perplexity effective number of neighbours, as that of the map: 30 by default
   * @returns m × dims, row-major
   * @throws RangeError naming the argument or option, if one is not as described here
   */
  place(neighbours: Neighbours, { perplexity = 30 }: { perplexity?: number } = {}): Float32Array {
    const { k, indices, distances } = neighbours;
    const m = Math.floor(indices.length / k);
    checkNeighbours(neighbours, m, this.#n, true);
    checkPerplexity(perplexity, k);
    const dims = this.#dims;
    const conditional = new Float64Array(m * k);
    computeConditionalAffinities(distances, k, perplexity, 0, m, conditional);
    const placed = new Float32Array(m * dims);
    for (let i = 0; i < m; i++) {
      const near = indices.subarray(i * k, (i + 1) * k);
      const p = conditional.subarray(i * k, (i + 1) * k);
      // The mean of the neighbours may lie in a gap between clusters, so the place of the likeliest is a start as well.
      const mean = this.#descend(this.#meanOf(near, p), near, p);
      const own = this.#descend(this.#placeOf(near[p.indexOf(Math.max(...p))]), near, p);
      placed.set(own.cost < mean.cost ? own.y : mean.y, i * dims);
    }
    return placed.map((value) => value * Math.sqrt(this.#dof));
  }

  #placeOf(j: number): Float32Array {
    return this.#places.slice(this.#dims * j, this.#dims * (j + 1));
  }

  #meanOf(near: Int32Array, p: Float64Array): Float32Array {
    return new Float32Array(this.#dims).map((_, axis) =>
      near.reduce((sum, j, e) => sum + p[e] * this.#places[this.#dims * j + axis], 0),
    );
  }

  /** Gradient descent with the step lengths of Barzilai & Borwein (1988), halved until the cost falls. */
  #descend(start: Float32Array, near: Int32Array, p: Float64Array): { y: Float32Array; cost: number } {
    const gradient = this.#gradient;
    let y = start;
    let cost = this.#measure(y, near, p);
    let slope = gradient.slice();
    let rate = 1 / (2 * this.#dof);
    for (let step = 0; step < MOST_STEPS; step++) {
      const length = Math.hypot(...slope);
      if (length * rate > LONGEST_STEP) rate = LONGEST_STEP / length;
      if (length * rate < SMALLEST_STEP) break;
      const next = y.map((value, axis) => value - rate * slope[axis]);
      const found = this.#measure(next, near, p);
      if (found > cost + ROUNDING - 1e-4 * rate * length * length) {
        rate /= 2;
        continue;
      }
      let [moved, turned] = [0, 0];
      for (let axis = 0; axis < y.length; axis++) {
        moved += (next[axis] - y[axis]) ** 2;
        turned += (next[axis] - y[axis]) * (gradient[axis] - slope[axis]);
      }
      rate = turned > 0 ? moved / turned : 2 * rate;
      y = next;
      cost = found;
      slope = gradient.slice();
    }
    return { y, cost };
  }

  /** The cost at y, up to a constant; its gradient goes to `#gradient`. */
  #measure(y: Float32Array, near: Int32Array, p: Float64Array): number {
    const [dims, dof, gradient] = [this.#dims, this.#dof, this.#gradient];
    const places = this.#places;
    this.#target.set(y);
    const z = this.#barnesHut.repelOthers(this.#target, this.#order, this.#force);
    let cost = Math.log(z);
    for (let axis = 0; axis < dims; axis++) gradient[axis] = (-2 * dof * this.#force[axis]) / z;
    for (let e = 0; e < near.length; e++) {
      const j = dims * near[e];
      let squared = 0;
      for (let axis = 0; axis < dims; axis++) squared += (y[axis] - places[j + axis]) ** 2;
      cost += dof * p[e] * Math.log(1 + squared);
      const pull = (2 * dof * p[e]) / (1 + squared);
      for (let axis = 0; axis < dims; axis++) gradient[axis] += pull * (y[axis] - places[j + axis]);
    }
    return cost;
  }
}

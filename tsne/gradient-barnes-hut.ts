import type { KernelMemory, Kernels } from '../kernels/kernels.ts';
import type { Space } from './space.ts';
import type { Tree } from './tree.ts';

/** Floats that a thread needs to work with: 16 points and 1024 masses. */
const WORK_LENGTH = 4 * (16 + 1024);

/** The bytes that the threads take in the memory of the kernels. */
export const traversalBytes = (threads: number): number => threads * (4 * WORK_LENGTH + 64);

/** Takes what one thread needs to work with. */
export const createTraversal = (memory: KernelMemory): Float32Array => memory.f32(WORK_LENGTH);

/**
 * Repulsive forces by the Barnes–Hut approximation (van der Maaten 2014, section 4.2), in two or three dimensions. Points
 * that follow each other in the order of the tree lie close together, so a group of 16 traverses it once: a node whose diameter
 * is at most θ × its distance from the bounding box of the group acts as one mass at its centre. The box is nearer than its
 * points, so this errs on the side of accuracy. The traversal gives a list of masses, which a kernel sums four at a time
 * for each point of the group.
 */
export class BarnesHut {
  readonly #kernels: Kernels;
  readonly #tree: Tree;
  readonly #work: Float32Array;
  readonly #squaredTheta: number;
  readonly #dims: number;
  readonly #dof: number;

  /** @param theta 0 (exact) to 1; beyond 1, a node could act on a point that it contains */
  constructor(
    kernels: Kernels,
    tree: Tree,
    work: Float32Array,
    { theta, dims, dof }: Space & { theta: number },
  ) {
    this.#kernels = kernels;
    this.#tree = tree;
    this.#work = work;
    this.#squaredTheta = theta * theta;
    this.#dims = dims;
    this.#dof = dof;
  }

  /**
   * The forces on the points at the places `start` to `end` (exclusive) in the order of the tree, as those of
   * `repelExactly`.
   *
   * @param repulsion n × dims, in the memory of the kernels, where the forces are written, in the order of the points
   * @returns the points' part in Z
   */
  repel(start: number, end: number, repulsion: Float32Array): number {
    const { sorted, order } = this.#tree;
    // The point itself is in the sum once, with w = 1 and no force.
    return this.#repel(sorted, 1, order, start, end, repulsion);
  }

  /**
   * The forces of all points on others, which are not among them, in a group: the nearer these are to each other, the fewer
   * nodes are entered.
   *
   * @param targets m × 4: x, y and z (0 in the plane), and any number
   * @param order m: the place of each in `repulsion`
   * @param repulsion m × dims; all in the memory of the kernels
   * @returns the sum of all similarities w
   */
  repelOthers(targets: Float32Array, order: Int32Array, repulsion: Float32Array): number {
    return this.#repel(targets, 0, order, 0, order.length, repulsion);
  }

  #repel(
    targets: Float32Array,
    own: number,
    order: Int32Array,
    start: number,
    end: number,
    repulsion: Float32Array,
  ): number {
    const { nodes, size, sorted } = this.#tree;
    return this.#kernels.repelByTree(
      nodes.byteOffset,
      size[0],
      sorted.byteOffset,
      targets.byteOffset,
      own,
      order.byteOffset,
      start,
      end,
      this.#squaredTheta,
      this.#dims,
      this.#dof,
      this.#work.byteOffset,
      repulsion.byteOffset,
    );
  }
}

import { type Quadtree, STRIDE } from './quadtree.ts';

/** Neighbours in Morton order that share one traversal of the tree. Measured: 8 to 32 are within 10 %. */
const GROUP_POINTS = 16;

/**
 * Repulsive forces by the Barnes–Hut approximation (van der Maaten 2014, section 4.2). Consecutive points in Morton
 * order lie close together, so a group of them traverses the tree once: a node whose diameter is below θ × its distance
 * from the bounding box of the group acts as one mass at its centre. The box is nearer than its points, so this errs on
 * the side of accuracy. The traversal gives one list of masses, which each point of the group then sums without
 * branches.
 */
export class BarnesHut {
  readonly #tree: Quadtree;
  readonly #theta: number;
  /** n × 3: x, y and number of points of each mass that acts on the group */
  readonly #masses: Float64Array;

  /** @param theta 0 (exact) to 1; beyond 1, a node could act on a point that it contains */
  constructor(tree: Quadtree, theta: number) {
    this.#tree = tree;
    this.#theta = theta;
    this.#masses = new Float64Array(3 * tree.order.length);
  }

  /**
   * The forces on the points at the places `start` to `end` (exclusive) in Morton order:
   * F_rep,i = Σ_j w_ij² (y_i − y_j), with w_ij = 1 / (1 + |y_i − y_j|²), not yet divided by Z (eq. 9).
   *
   * @param repulsion n × 2, where the forces are written, in the order of the points
   * @returns the points' part in Z = Σ_{i≠j} w_ij
   */
  repel(start: number, end: number, repulsion: Float32Array | Float64Array): number {
    const { order, sorted } = this.#tree;
    const masses = this.#masses;
    let z = 0;
    for (let group = start; group < end; group += GROUP_POINTS) {
      const groupEnd = Math.min(end, group + GROUP_POINTS);
      const stop = this.#gather(group, groupEnd);
      for (let place = group; place < groupEnd; place++) {
        const x = sorted[2 * place];
        const y = sorted[2 * place + 1];
        let fx = 0;
        let fy = 0;
        // The point itself is in the list once, with w = 1 and no force.
        let sum = -1;
        for (let m = 0; m < stop; m += 3) {
          const dx = x - masses[m];
          const dy = y - masses[m + 1];
          const w = 1 / (1 + dx * dx + dy * dy);
          const weight = masses[m + 2] * w;
          const force = weight * w;
          sum += weight;
          fx += force * dx;
          fy += force * dy;
        }
        repulsion[2 * order[place]] = fx;
        repulsion[2 * order[place] + 1] = fy;
        z += sum;
      }
    }
    return z;
  }

  /** Lists the masses that act on the places `first` to `end` (exclusive); returns the end of the list. */
  #gather(first: number, end: number): number {
    const { size, sorted, mass, links } = this.#tree;
    const masses = this.#masses;
    let left = sorted[2 * first];
    let right = left;
    let bottom = sorted[2 * first + 1];
    let top = bottom;
    for (let p = 2 * first + 2; p < 2 * end; p += 2) {
      left = Math.min(left, sorted[p]);
      right = Math.max(right, sorted[p]);
      bottom = Math.min(bottom, sorted[p + 1]);
      top = Math.max(top, sorted[p + 1]);
    }
    const squaredTheta = this.#theta * this.#theta;
    const nodes = STRIDE * size[0];
    let stop = 0;
    let node = 0;
    while (node < nodes) {
      const x = mass[node];
      const y = mass[node + 1];
      const dx = Math.max(left - x, x - right, 0);
      const dy = Math.max(bottom - y, y - top, 0);
      if (mass[node + 3] < squaredTheta * (dx * dx + dy * dy)) {
        masses[stop] = x;
        masses[stop + 1] = y;
        masses[stop + 2] = mass[node + 2];
        stop += 3;
        node = STRIDE * links[node];
      } else if (links[node + 3] === 1) {
        const lastPoint = 2 * links[node + 2];
        for (let p = 2 * links[node + 1]; p < lastPoint; p += 2) {
          masses[stop] = sorted[p];
          masses[stop + 1] = sorted[p + 1];
          masses[stop + 2] = 1;
          stop += 3;
        }
        node = STRIDE * links[node];
      } else {
        node += STRIDE;
      }
    }
    return stop;
  }
}

import type { KernelMemory } from '../kernels/kernels.ts';

/** A cell of this many points or fewer is not divided further. */
const LEAF_POINTS = 8;

/** Levels of a tree, at most: each halves the extent, and floats have 277 binary orders of magnitude. */
const MOST_LEVELS = 300;

/** 32-bit numbers of a node, and of a point or a mass. */
export const [NODE_STRIDE, POINT_STRIDE] = [8, 4];

/** Where a node has its squared diagonal, the node after its last descendant, its first place and their end. */
export const [DIAGONAL, SKIP, FIRST, END] = [4, 5, 6, 7];

/**
 * A quadtree or octree of n points, in flat arrays that threads and kernels share. Points lie in depth-first order of their
 * cells, and so do the nodes, so that a subtree is contiguous in both and a traversal needs no stack: `node + 1` enters a
 * node, its skip passes it.
 */
export interface Tree {
  /** [0]: the number of nodes, below 2n */
  readonly size: Int32Array;
  /** n: the point at each place */
  readonly order: Int32Array;
  /** n × 4: x, y and z (0 in the plane) at each place, and 1 */
  readonly sorted: Float32Array;
  /** 2n × 8: the centre of mass x, y, z, the number of points, and the squared diagonal of their bounding box */
  readonly nodes: Float32Array;
  /** The same bytes: [5] the node after the last descendant; for a leaf [6], [7] its first place and their end, else 0 */
  readonly links: Int32Array;
}

/** The bytes that a tree of n points takes in the memory of the kernels. */
export const treeBytes = (n: number): number => 4 * (1 + n + POINT_STRIDE * n + 2 * NODE_STRIDE * n) + 4 * 64;

/** Takes the arrays of a tree of n points from a memory. */
export function createTree(memory: KernelMemory, n: number): Tree {
  const nodes = memory.f32(2 * NODE_STRIDE * n);
  return {
    size: memory.i32(1),
    order: memory.i32(n),
    sorted: memory.f32(POINT_STRIDE * n),
    nodes,
    links: new Int32Array(nodes.buffer, nodes.byteOffset, nodes.length),
  };
}

/** Builds the tree of n points with 2 or 3 dimensions into `tree`, as often as needed, without allocating. */
export class TreeBuilder {
  readonly #tree: Tree;
  readonly #dims: number;
  readonly #spareOrder: Int32Array;
  readonly #spareSorted: Float32Array;
  readonly #cell: Uint8Array;
  /** Where the points of each quadrant or octant end, for each level. */
  readonly #ends = new Int32Array(8 * MOST_LEVELS);
  #nodes = 0;

  constructor(tree: Tree, dims: number) {
    const n = tree.order.length;
    this.#tree = tree;
    this.#dims = dims;
    this.#spareOrder = new Int32Array(n);
    this.#spareSorted = new Float32Array(POINT_STRIDE * n);
    this.#cell = new Uint8Array(n);
  }

  /** @param y n × dims coordinates */
  build(y: Float32Array): void {
    const { order, sorted, size } = this.#tree;
    const dims = this.#dims;
    for (let i = 0; i < order.length; i++) {
      order[i] = i;
      sorted[4 * i] = y[dims * i];
      sorted[4 * i + 1] = y[dims * i + 1];
      sorted[4 * i + 2] = dims === 3 ? y[dims * i + 2] : 0;
      sorted[4 * i + 3] = 1;
    }
    this.#nodes = 0;
    this.#divide(0, order.length, 0);
    size[0] = this.#nodes;
  }

  /**
   * Builds the subtree of the places `first` to `end` (exclusive). A cell is the bounding box of its points, so that its
   * halves are never empty and an outlier costs one level.
   */
  #divide(first: number, end: number, level: number): void {
    const { nodes, links, sorted } = this.#tree;
    let [x, y, z] = [0, 0, 0];
    let left = sorted[4 * first];
    let right = left;
    let bottom = sorted[4 * first + 1];
    let top = bottom;
    let back = sorted[4 * first + 2];
    let front = back;
    for (let p = 4 * first; p < 4 * end; p += 4) {
      const px = sorted[p];
      const py = sorted[p + 1];
      const pz = sorted[p + 2];
      x += px;
      y += py;
      z += pz;
      if (px < left) left = px;
      else if (px > right) right = px;
      if (py < bottom) bottom = py;
      else if (py > top) top = py;
      if (pz < back) back = pz;
      else if (pz > front) front = pz;
    }
    const count = end - first;
    const diagonal = (right - left) ** 2 + (top - bottom) ** 2 + (front - back) ** 2;
    // Also a leaf if a coordinate is not a number.
    const leaf = count <= LEAF_POINTS || !(diagonal > 0);
    const at = NODE_STRIDE * this.#nodes++;
    nodes[at] = x / count;
    nodes[at + 1] = y / count;
    nodes[at + 2] = z / count;
    nodes[at + 3] = count;
    nodes[at + DIAGONAL] = diagonal;
    links[at + FIRST] = leaf ? first : 0;
    links[at + END] = leaf ? end : 0;
    if (!leaf) {
      this.#sort(first, end, 8 * level, (left + right) / 2, (bottom + top) / 2, (back + front) / 2);
      let start = first;
      for (let octant = 8 * level; octant < 8 * level + 8; octant++) {
        const stop = this.#ends[octant];
        if (start < stop) this.#divide(start, stop, level + 1);
        start = stop;
      }
    }
    links[at + SKIP] = this.#nodes;
  }

  /** Sorts places by the quadrant or octant around a centre; `ends`, from `at` on, gets where each ends. */
  #sort(first: number, end: number, at: number, x: number, y: number, z: number): void {
    const { order, sorted } = this.#tree;
    const cell = this.#cell;
    const ends = this.#ends;
    const [spareOrder, spareSorted] = [this.#spareOrder, this.#spareSorted];
    ends.fill(0, at, at + 8);
    for (let place = first; place < end; place++) {
      const p = 4 * place;
      const octant = (sorted[p] > x ? 1 : 0) | (sorted[p + 1] > y ? 2 : 0) | (sorted[p + 2] > z ? 4 : 0);
      cell[place] = octant;
      ends[at + octant]++;
    }
    let start = first;
    for (let octant = at; octant < at + 8; octant++) {
      const count = ends[octant];
      ends[octant] = start;
      start += count;
    }
    for (let place = first; place < end; place++) {
      const to = ends[at + cell[place]]++;
      spareOrder[to] = order[place];
      spareSorted[4 * to] = sorted[4 * place];
      spareSorted[4 * to + 1] = sorted[4 * place + 1];
      spareSorted[4 * to + 2] = sorted[4 * place + 2];
    }
    for (let place = first; place < end; place++) {
      order[place] = spareOrder[place];
      sorted[4 * place] = spareSorted[4 * place];
      sorted[4 * place + 1] = spareSorted[4 * place + 1];
      sorted[4 * place + 2] = spareSorted[4 * place + 2];
    }
  }
}

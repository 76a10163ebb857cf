/** Numbers per node in {@link Quadtree.mass} and in {@link Quadtree.links}. */
export const STRIDE = 4;

/** A cell of this many points or fewer is not divided further. */
const LEAF_POINTS = 8;

/** Bits of a Morton code per axis: the resolution is 1 / 65536 of the extent of the map. */
const BITS = 16;

/**
 * A quadtree of n points in the plane, in flat arrays that threads can share. Points are in Morton order
 * (z-order) and nodes in depth-first preorder, so that a subtree is contiguous in both and a traversal needs
 * no stack: `node + 1` enters a node, its `skip` passes it.
 */
export interface Quadtree {
  /** [0]: the number of nodes, at most 2n */
  readonly size: Int32Array;
  /** n: the point at each place in Morton order */
  readonly order: Int32Array;
  /** n × 2: coordinates in Morton order */
  readonly sorted: Float64Array;
  /** 2n × 4: centre of mass x and y, number of points, squared diagonal of their bounding box */
  readonly mass: Float64Array;
  /** 2n × 4: skip, first place, end of places (exclusive), 1 for a leaf */
  readonly links: Int32Array;
}

/** Builds the tree of n points into `tree`, as often as needed, without allocating. */
export class QuadtreeBuilder {
  readonly #tree: Quadtree;
  readonly #keys: Uint32Array;
  readonly #spareKeys: Uint32Array;
  readonly #spareOrder: Int32Array;
  /** 2n × 4: bounding box of a node's points: minimum x, y, maximum x, y */
  readonly #box: Float64Array;
  #nodes = 0;

  constructor(tree: Quadtree) {
    const n = tree.order.length;
    this.#tree = tree;
    this.#keys = new Uint32Array(n);
    this.#spareKeys = new Uint32Array(n);
    this.#spareOrder = new Int32Array(n);
    this.#box = new Float64Array(8 * n);
  }

  /** @param y n × 2 coordinates */
  build(y: Float32Array | Float64Array): void {
    const { order, sorted, size } = this.#tree;
    this.#encode(y);
    this.#sort();
    for (let place = 0; place < order.length; place++) {
      const i = order[place];
      sorted[2 * place] = y[2 * i];
      sorted[2 * place + 1] = y[2 * i + 1];
    }
    this.#nodes = 0;
    this.#divide(0, order.length);
    size[0] = this.#nodes;
  }

  /** Morton codes of the points, in the smallest square around them all. */
  #encode(y: Float32Array | Float64Array): void {
    let left = y[0];
    let right = y[0];
    let bottom = y[1];
    let top = y[1];
    for (let p = 2; p < y.length; p += 2) {
      left = Math.min(left, y[p]);
      right = Math.max(right, y[p]);
      bottom = Math.min(bottom, y[p + 1]);
      top = Math.max(top, y[p + 1]);
    }
    const extent = Math.max(right - left, top - bottom);
    const scale = extent > 0 ? (2 ** BITS - 1) / extent : 0;
    const keys = this.#keys;
    const order = this.#tree.order;
    for (let i = 0; i < keys.length; i++) {
      keys[i] = spreadBits((y[2 * i] - left) * scale) | (spreadBits((y[2 * i + 1] - bottom) * scale) << 1);
      order[i] = i;
    }
  }

  /** Sorts keys and order together: radix sort over four digits of 8 bits, least significant first. */
  #sort(): void {
    let keys = this.#keys;
    let order = this.#tree.order;
    let toKeys = this.#spareKeys;
    let toOrder = this.#spareOrder;
    for (let shift = 0; shift < 2 * BITS; shift += 8) {
      starts.fill(0);
      for (let i = 0; i < keys.length; i++) starts[((keys[i] >>> shift) & 255) + 1]++;
      for (let digit = 0; digit < 256; digit++) starts[digit + 1] += starts[digit];
      for (let i = 0; i < keys.length; i++) {
        const slot = starts[(keys[i] >>> shift) & 255]++;
        toKeys[slot] = keys[i];
        toOrder[slot] = order[i];
      }
      [keys, toKeys] = [toKeys, keys];
      [order, toOrder] = [toOrder, order];
    }
  }

  /** Builds the subtree of the places `first` to `end` (exclusive) and returns its root. */
  #divide(first: number, end: number): number {
    const { mass, links, sorted } = this.#tree;
    const keys = this.#keys;
    const box = this.#box;
    const node = this.#nodes++;
    const at = STRIDE * node;
    const differing = keys[first] ^ keys[end - 1];
    const leaf = end - first <= LEAF_POINTS || differing === 0;
    let x = 0;
    let y = 0;
    let left = Number.POSITIVE_INFINITY;
    let bottom = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    let top = Number.NEGATIVE_INFINITY;
    if (leaf) {
      for (let p = 2 * first; p < 2 * end; p += 2) {
        x += sorted[p];
        y += sorted[p + 1];
        left = Math.min(left, sorted[p]);
        right = Math.max(right, sorted[p]);
        bottom = Math.min(bottom, sorted[p + 1]);
        top = Math.max(top, sorted[p + 1]);
      }
    } else {
      // The level at which the points separate: larger cells that hold all of them need no node.
      const shift = (31 - Math.clz32(differing)) & ~1;
      let start = first;
      while (start < end) {
        const quadrant = keys[start] >>> shift;
        let stop = start + 1;
        while (stop < end && keys[stop] >>> shift === quadrant) stop++;
        const child = STRIDE * this.#divide(start, stop);
        x += mass[child] * mass[child + 2];
        y += mass[child + 1] * mass[child + 2];
        left = Math.min(left, box[child]);
        bottom = Math.min(bottom, box[child + 1]);
        right = Math.max(right, box[child + 2]);
        top = Math.max(top, box[child + 3]);
        start = stop;
      }
    }
    box[at] = left;
    box[at + 1] = bottom;
    box[at + 2] = right;
    box[at + 3] = top;
    mass[at] = x / (end - first);
    mass[at + 1] = y / (end - first);
    mass[at + 2] = end - first;
    mass[at + 3] = (right - left) ** 2 + (top - bottom) ** 2;
    links[at] = this.#nodes;
    links[at + 1] = first;
    links[at + 2] = end;
    links[at + 3] = leaf ? 1 : 0;
    return node;
  }
}

const starts = new Int32Array(257);

/** Spreads the low 16 bits of a number, with a zero bit before each. */
function spreadBits(value: number): number {
  let bits = value & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

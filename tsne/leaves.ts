/** Points in a leaf, the unit of the search. A multiple of {@link PANEL}. */
export const LEAF = 64;

/** Points in a panel, whose coordinates lie side by side. */
export const PANEL = 8;

/**
 * Puts points in an order in which near points tend to be near: halves them at the median of the coordinate with the
 * largest variance, again and again, down to leaves and the panels in them (a k-d tree: Friedman, Bentley & Finkel 1977).
 * All but the last are full.
 *
 * @param coordinates n × width, row-major
 * @returns the points in their new order
 */
export function orderPoints(coordinates: Float32Array, n: number, width: number, order: Int32Array): void {
  for (let i = 0; i < n; i++) order[i] = i;
  const parts: [number, number][] = [[0, n]];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const [start, end] = part;
    const unit = end - start > LEAF ? LEAF : PANEL;
    const units = Math.ceil((end - start) / unit);
    if (units < 2) continue;
    const middle = start + unit * (units >> 1);
    const axis = widestAxis(coordinates, width, order, start, end);
    if (axis >= 0) selectMiddle(coordinates, width, axis, order, start, end - 1, middle);
    parts.push([start, middle], [middle, end]);
  }
}

/** The coordinate with the largest variance; −1 if all are constant. */
function widestAxis(
  coordinates: Float32Array,
  width: number,
  order: Int32Array,
  start: number,
  end: number,
): number {
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  // Some thousand points are enough.
  const step = Math.max(1, (end - start) >> 12);
  let count = 0;
  for (let at = start; at < end; at += step, count++) {
    for (let c = 0, p = order[at] * width; c < width; c++, p++) {
      sum[c] += coordinates[p];
      squares[c] += coordinates[p] * coordinates[p];
    }
  }
  let [axis, most] = [-1, 0];
  for (let c = 0; c < width; c++) {
    const spread = squares[c] - (sum[c] * sum[c]) / count;
    if (spread > most) [axis, most] = [c, spread];
  }
  return axis;
}

/** Hoare's selection: no point before `middle` has a larger coordinate than one from there on. */
function selectMiddle(
  coordinates: Float32Array,
  width: number,
  axis: number,
  order: Int32Array,
  left: number,
  right: number,
  middle: number,
): void {
  while (left < right) {
    const pivot = coordinates[order[(left + right) >> 1] * width + axis];
    let [i, j] = [left, right];
    while (i <= j) {
      while (coordinates[order[i] * width + axis] < pivot) i++;
      while (coordinates[order[j] * width + axis] > pivot) j--;
      if (i > j) break;
      const point = order[i];
      order[i++] = order[j];
      order[j--] = point;
    }
    if (middle <= j) right = j;
    else if (middle >= i) left = i;
    else return;
  }
}

/** What a search knows of leaf: the bounds and the centre of its points, and the largest norm. */
export interface Leaves {
  /** leaves × width each */
  readonly low: Float32Array;
  readonly high: Float32Array;
  readonly centre: Float32Array;
  /** leaves */
  readonly radius: Float32Array;
}

/**
 * The square of the least distance that points of two leaves can have, up to the rounding of their coordinates.
 */
export function leastDistance({ low, high }: Leaves, a: number, b: number, width: number): number {
  let sum = 0;
  for (let c = 0, p = a * width, q = b * width; c < width; c++, p++, q++) {
    const gap = Math.max(low[q] - high[p], low[p] - high[q]);
    if (gap > 0) sum += gap * gap;
  }
  return sum;
}

/** Bits of a whole number that leave room for the place of a leaf beside the bits of a float. */
const PLACES = 2 ** 21;

/**
 * The leaves in the order of the distance of their centres from that of one of them, itself first.
 *
 * @param keys room for a number for each leaf
 * @param bits four bytes as a float and as a whole number
 */
export class Visits {
  readonly #leaves: Leaves;
  readonly #width: number;
  readonly #keys: Float64Array;
  readonly #float = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#float.buffer);

  constructor(leaves: Leaves, width: number) {
    this.#leaves = leaves;
    this.#width = width;
    this.#keys = new Float64Array(leaves.radius.length);
  }

  sortFrom(leaf: number): void {
    const { centre } = this.#leaves;
    const width = this.#width;
    const keys = this.#keys;
    for (let other = 0; other < keys.length; other++) {
      let sum = 0;
      for (let c = 0, p = leaf * width, q = other * width; c < width; c++, p++, q++) {
        const gap = centre[p] - centre[q];
        sum += gap * gap;
      }
      // The bits of floats from 0 are in the order of the floats, and numbers sort faster than objects.
      this.#float[0] = sum;
      keys[other] = (other === leaf ? 0 : this.#bits[0]! + 1) * PLACES + other;
    }
    keys.sort();
  }

  /** The leaf at a place of the order. */
  at(place: number): number {
    return this.#keys[place]! % PLACES;
  }
}

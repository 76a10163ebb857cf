import { type Extent, extentOf, type Place } from './camera.ts';

/** How many points a cell of the grid holds on average. */
const PER_CELL = 4;

/** Finds points by their place on the map: a grid whose cells list their points, made by a counting sort. */
export class Picker {
  readonly #x: Float32Array;
  readonly #y: Float32Array;
  readonly #extent: Extent;
  /** How many cells are in a row and in a column. */
  readonly #side: number;
  /** Where each cell's points begin in `#points`; one more than there are cells. */
  readonly #starts: Uint32Array;
  readonly #points: Uint32Array;

  constructor(x: Float32Array, y: Float32Array) {
    this.#x = x;
    this.#y = y;
    this.#extent = extentOf(x, y);
    const side = Math.max(1, Math.floor(Math.sqrt(x.length / PER_CELL)));
    this.#side = side;
    const cells = new Uint32Array(x.length);
    this.#starts = new Uint32Array(side * side + 1);
    for (let i = 0; i < x.length; i++) {
      cells[i] = this.#rowOf(y[i]!) * side + this.#columnOf(x[i]!);
      this.#starts[cells[i]! + 1]!++;
    }
    for (let cell = 0; cell < side * side; cell++) this.#starts[cell + 1]! += this.#starts[cell]!;
    const next = this.#starts.slice();
    this.#points = new Uint32Array(x.length);
    for (let i = 0; i < x.length; i++) this.#points[next[cells[i]!]!++] = i;
  }

  /** The indices of the points within a part of the map. */
  within(extent: Extent): number[] {
    const found: number[] = [];
    this.#visit(extent, (i) => {
      const [x, y] = [this.#x[i]!, this.#y[i]!];
      if (x >= extent.left && x <= extent.right && y >= extent.bottom && y <= extent.top) found.push(i);
    });
    return found;
  }

  /** The index of the nearest point within `radius` map units whose `shown` is 1; undefined if there is none. */
  nearest(x: number, y: number, radius: number, shown: Uint8Array): number | undefined {
    let best: number | undefined;
    let closest = radius * radius;
    this.#visit({ left: x - radius, right: x + radius, bottom: y - radius, top: y + radius }, (i) => {
      const squared = (this.#x[i]! - x) ** 2 + (this.#y[i]! - y) ** 2;
      if (!shown[i] || squared > closest) return;
      closest = squared;
      best = i;
    });
    return best;
  }

  /** Visits the points of all cells that a part of the map touches. */
  #visit({ left, right, bottom, top }: Extent, visit: (index: number) => void): void {
    const [first, last] = [this.#columnOf(left), this.#columnOf(right)];
    for (let row = this.#rowOf(bottom); row <= this.#rowOf(top); row++) {
      const from = this.#starts[row * this.#side + first]!;
      const to = this.#starts[row * this.#side + last + 1]!;
      for (let at = from; at < to; at++) visit(this.#points[at]!);
    }
  }

  #columnOf(x: number): number {
    return cellOf(x, this.#extent.left, this.#extent.right, this.#side);
  }

  #rowOf(y: number): number {
    return cellOf(y, this.#extent.bottom, this.#extent.top, this.#side);
  }
}

/** The index of the nearest of some places within a radius of one; undefined if there is none. */
export function nearestPlace(places: readonly Place[], { x, y }: Place, radius: number): number | undefined {
  let best: number | undefined;
  let closest = radius * radius;
  for (const [i, place] of places.entries()) {
    const squared = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (squared <= closest) [best, closest] = [i, squared];
  }
  return best;
}

const cellOf = (value: number, from: number, to: number, cells: number): number =>
  Math.min(cells - 1, Math.max(0, Math.floor((cells * (value - from)) / (to - from || 1))));

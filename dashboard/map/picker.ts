import KDBush from 'kdbush';
import type { Extent } from './camera.ts';

/** Finds the shown point that is nearest to a place of the map. */
export class Picker {
  readonly #tree: KDBush;
  readonly #x: Float32Array;
  readonly #y: Float32Array;

  constructor(x: Float32Array, y: Float32Array) {
    this.#x = x;
    this.#y = y;
    this.#tree = new KDBush(x.length, 64, Float32Array);
    for (let i = 0; i < x.length; i++) this.#tree.add(x[i]!, y[i]!);
    this.#tree.finish();
  }

  /** The indices of the points within a part of the map. */
  within({ left, right, bottom, top }: Extent): number[] {
    return this.#tree.range(left, bottom, right, top);
  }

  /** The index of the nearest point within `radius` map units whose `shown` is 1; undefined if there is none. */
  nearest(x: number, y: number, radius: number, shown: Uint8Array): number | undefined {
    let best: number | undefined;
    let closest = radius * radius;
    for (const i of this.#tree.within(x, y, radius)) {
      const squared = (this.#x[i]! - x) ** 2 + (this.#y[i]! - y) ** 2;
      if (!shown[i] || squared > closest) continue;
      closest = squared;
      best = i;
    }
    return best;
  }
}

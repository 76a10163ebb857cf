import { type Frame, LEVELS, quantiseFrame, squareAround } from '../../bundle/frames.ts';

/** Where the points of a map are drawn, in units of the map. */
export interface Places {
  x: Float32Array;
  y: Float32Array;
}

/** How long a replay takes in milliseconds: all of it, and each frame of one that moves step by step. */
const [WHOLE, STEP] = [9000, 500];

/**
 * The frames of a map, then the map itself. Each frame is scaled to the square around the map, which at first is tiny. A point lies
 * within its level of a frame where it lies within its level of the map: so frames show no grid, and the last step leads exactly to the map.
 */
export class Replay {
  /** The time of the map itself; that of the first frame is 0, of the next one 1. */
  readonly end: number;
  readonly #map: Places;
  readonly #square: ReturnType<typeof squareAround>;
  readonly #frames: readonly Pick<Frame, 'iteration' | 'places'>[];
  /** x of all points, then y, in levels from the lower bound of their own. */
  readonly #within: Float32Array;
  readonly #drawn: Places;

  /** @param iterations of the whole run */
  constructor(frames: readonly Frame[], map: Places, iterations: number) {
    const n = map.x.length;
    const last = quantiseFrame(map.x, map.y, iterations);
    const { left, bottom, extent } = squareAround(map.x, map.y);
    this.end = frames.length;
    this.#map = map;
    this.#square = { left, bottom, extent };
    this.#frames = [...frames, last];
    this.#drawn = { x: new Float32Array(n), y: new Float32Array(n) };
    this.#within = Float32Array.from(last.places, (level, p) => {
      const exact = p < n ? map.x[p]! - left : map.y[p - n]! - bottom;
      return extent > 0 ? (LEVELS * exact) / extent - level : 0;
    });
  }

  /** The iteration that is shown at a time, about. */
  iterationAt(time: number): number {
    const { from, to, share } = this.#around(time);
    return Math.round(from.iteration + share * (to.iteration - from.iteration));
  }

  /** Where the points are at a time from 0 to the end, on straight lines between frames. The arrays are used again. */
  placesAt(time: number): Places {
    if (time >= this.end) return this.#map;
    const { from, to, share } = this.#around(time);
    const { left, bottom, extent } = this.#square;
    const { x, y } = this.#drawn;
    const n = x.length;
    const unit = extent / LEVELS;
    for (let i = 0; i < n; i++) {
      const [a, b] = [from.places[i]!, from.places[n + i]!];
      x[i] = left + unit * (a + share * (to.places[i]! - a) + this.#within[i]!);
      y[i] = bottom + unit * (b + share * (to.places[n + i]! - b) + this.#within[n + i]!);
    }
    return { x, y };
  }

  #around(time: number) {
    const at = Math.min(this.end, Math.max(0, Math.floor(time)));
    const from = this.#frames[at]!;
    return { from, to: this.#frames[at + 1] ?? from, share: Math.min(this.end, time) - at };
  }

  /** The time that a replay has reached some milliseconds after another: step by step for those who want less motion. */
  advance(time: number, milliseconds: number, stepwise: boolean): number {
    const rate = stepwise ? Math.floor(milliseconds / STEP) : (this.end * milliseconds) / WHOLE;
    return Math.min(this.end, time + rate);
  }
}

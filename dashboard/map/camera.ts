import type { Framing } from '../common/framing.ts';

/** A place on the map, in the map's own units. */
export interface Place {
  x: number;
  y: number;
}

/** The part of the map on screen: its centre, and the CSS pixels per map unit. y points up. */
export interface View extends Place {
  scale: number;
}

export interface Extent {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** The smallest extent that holds all points. */
export function extentOf(x: Float32Array, y: Float32Array): Extent {
  const extent = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let i = 0; i < x.length; i++) {
    extent.left = Math.min(extent.left, x[i]!);
    extent.right = Math.max(extent.right, x[i]!);
    extent.bottom = Math.min(extent.bottom, y[i]!);
    extent.top = Math.max(extent.top, y[i]!);
  }
  return extent;
}

/** Where a place of the map is on a screen of `width` × `height` CSS pixels that shows a view. */
export const toScreen = ({ x, y }: Place, view: View, width: number, height: number): Place => ({
  x: width / 2 + (x - view.x) * view.scale,
  y: height / 2 - (y - view.y) * view.scale,
});

/** A view that moves smoothly towards a goal. Sizes are CSS pixels. */
export class Camera {
  view: View = { x: 0, y: 0, scale: 1 };
  #goal: View = { x: 0, y: 0, scale: 1 };
  /** The view of the whole map. */
  home: View = { x: 0, y: 0, scale: 1 };
  readonly #extent: Extent;
  width = 1;
  height = 1;

  constructor(extent: Extent) {
    this.#extent = extent;
  }

  /** Changes the size of the screen. A view of the whole map stays one. */
  resize(width: number, height: number, margin: number): void {
    const { left, right, bottom, top } = this.#extent;
    const atHome = this.width === 1 || sameView(this.#goal, this.home);
    this.width = width;
    this.height = height;
    const room = Math.max(0.2 * Math.min(width, height), 1);
    this.home = {
      x: (left + right) / 2,
      y: (bottom + top) / 2,
      scale: Math.min(
        Math.max(width - 2 * margin, room) / (right - left || 1),
        Math.max(height - 2 * margin, room) / (top - bottom || 1),
      ),
    };
    if (atHome) {
      this.#goal = { ...this.home };
      this.view = { ...this.home };
    }
  }

  toScreen(place: Place): Place {
    return toScreen(place, this.view, this.width, this.height);
  }

  toMap({ x, y }: Place, view = this.view): Place {
    return { x: view.x + (x - this.width / 2) / view.scale, y: view.y - (y - this.height / 2) / view.scale };
  }

  /** The part of the map on screen, with `margin` CSS pixels around it. */
  visible(margin: number): Extent {
    const from = this.toMap({ x: -margin, y: this.height + margin });
    const to = this.toMap({ x: this.width + margin, y: -margin });
    return { left: from.x, right: to.x, bottom: from.y, top: to.y };
  }

  /** The place of the map at a place on screen, rounded to less than a tenth of a pixel, so that an address can hold it. */
  toRoundMap(place: Place): Place {
    const { x, y } = this.toMap(place);
    const digits = decimalsAt(this.view.scale);
    return { x: roundTo(x, digits), y: roundTo(y, digits) };
  }

  /** Zooms by a factor about a place on screen, which stays where it is. */
  zoomBy(factor: number, about: Place = { x: this.width / 2, y: this.height / 2 }): void {
    const scale = this.#limit(this.#goal.scale * factor);
    const anchor = this.toMap(about, this.#goal);
    const ratio = this.#goal.scale / scale;
    this.#aim({
      x: anchor.x + (this.#goal.x - anchor.x) * ratio,
      y: anchor.y + (this.#goal.y - anchor.y) * ratio,
      scale,
    });
  }

  /** Moves the map by CSS pixels, at once or smoothly. */
  panBy(dx: number, dy: number, smoothly = false): void {
    this.#aim(shifted(this.#goal, dx, dy));
    if (!smoothly) this.view = shifted(this.view, dx, dy);
  }

  /** Moves to a place and zooms in to at least `zoom` times the view of the whole map. */
  goTo(place: Place, zoom: number): void {
    this.#aim({ x: place.x, y: place.y, scale: Math.max(this.#goal.scale, zoom * this.home.scale) });
  }

  /** What the goal shows, for an address; undefined for the whole map. */
  get framing(): Framing | undefined {
    if (sameView(this.#goal, this.home)) return undefined;
    const { x, y, scale } = this.#goal;
    const digits = decimalsAt(scale);
    return { x: roundTo(x, digits), y: roundTo(y, digits), zoom: roundTo(scale / this.home.scale, 4) };
  }

  /** Moves to what an address says; undefined is the whole map. */
  frame(framing: Framing | undefined): void {
    if (framing) {
      this.#aim({ x: framing.x, y: framing.y, scale: this.#limit(framing.zoom * this.home.scale) });
    } else this.reset();
  }

  /** Moves to the view of the whole map. */
  reset(): void {
    this.#goal = { ...this.home };
  }

  /** Jumps to the goal. */
  settle(): void {
    this.view = { ...this.#goal };
  }

  /**
   * Moves towards the goal for `milliseconds`, and says whether there is further to go. A place that both views show at
   * the same pixel stays there all the way.
   */
  step(milliseconds: number): boolean {
    const { view } = this;
    const goal = this.#goal;
    if (sameView(view, goal)) {
      this.settle();
      return false;
    }
    const share = 1 - Math.exp(-milliseconds / 70);
    const scale = view.scale * (goal.scale / view.scale) ** share;
    const zooming = Math.abs(Math.log(goal.scale / view.scale)) > 1e-4;
    const along = zooming ? (1 / scale - 1 / view.scale) / (1 / goal.scale - 1 / view.scale) : share;
    this.view = { x: view.x + (goal.x - view.x) * along, y: view.y + (goal.y - view.y) * along, scale };
    return true;
  }

  #limit(scale: number): number {
    return Math.min(Math.max(scale, 0.5 * this.home.scale), 80 * this.home.scale);
  }

  #aim(view: View): void {
    const { left, right, bottom, top } = this.#extent;
    this.#goal = {
      x: Math.min(Math.max(view.x, left), right),
      y: Math.min(Math.max(view.y, bottom), top),
      scale: view.scale,
    };
  }
}

/** The decimals of map units that are worth a tenth of a pixel at a scale. */
const decimalsAt = (scale: number) => Math.min(Math.max(0, Math.ceil(Math.log10(scale)) + 1), 20);

/** Adding 0 turns -0 into 0. */
const roundTo = (value: number, decimals: number) => Number(value.toFixed(decimals)) + 0;

const shifted = (view: View, dx: number, dy: number): View => ({
  x: view.x - dx / view.scale,
  y: view.y + dy / view.scale,
  scale: view.scale,
});

const sameView = (a: View, b: View) =>
  Math.abs(a.x - b.x) * a.scale < 0.1 &&
  Math.abs(a.y - b.y) * a.scale < 0.1 &&
  Math.abs(Math.log(a.scale / b.scale)) < 1e-3;

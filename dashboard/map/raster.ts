import type { View } from './camera.ts';

/** A picture in memory: a word per pixel, row-major, with red in the lowest byte, all opaque. */
export interface Raster {
  words: Uint32Array;
  width: number;
  height: number;
}

/** Points to draw: places in map units, colours as words with alpha, and the order to draw them in. */
export interface Dots {
  x: Float32Array;
  y: Float32Array;
  colours: Uint32Array;
  order: Uint32Array;
}

/** Where a view's centre is on a raster, in pixels, and the pixels per map unit. */
export interface Grid {
  left: number;
  top: number;
  scale: number;
}

/** The grid of a raster that shows a view, with so many pixels in a CSS pixel. */
export const gridOf = ({ width, height }: Raster, view: View, pixelRatio: number): Grid => {
  const scale = view.scale * pixelRatio;
  return { left: width / 2 - view.x * scale, top: height / 2 + view.y * scale, scale };
};

/** One word over another, which is opaque, with a weight of 0 to 256: red with blue and green apart, each with room to carry. */
export function blend(under: number, over: number, weight: number): number {
  const redBlue = under & 0xff00ff;
  const green = under & 0xff00;
  const mixedRedBlue = redBlue + (Math.imul((over & 0xff00ff) - redBlue, weight) >>> 8);
  const mixedGreen = green + (Math.imul((over & 0xff00) - green, weight) >>> 8);
  return 0xff000000 | (mixedRedBlue & 0xff00ff) | (mixedGreen & 0xff00);
}

/** Dots begin at this many places in a pixel, across and down. */
const STEPS = 4;

/** The pixels that a dot touches, from the pixel of its centre, and how much of each it covers, 0 to 256. */
interface Stamp {
  dx: Int32Array;
  dy: Int32Array;
  weight: Int32Array;
}

/** How much of a pixel a disc covers whose edge is this far beyond the pixel's centre: soft over 1.4 pixels. */
export function coverage(beyond: number): number {
  const t = Math.min(Math.max((beyond + 0.7) / 1.4, 0), 1);
  return t * t * (3 - 2 * t);
}

function makeStamps(diameter: number): Stamp[] {
  const reach = Math.ceil(diameter / 2 + 0.7);
  return Array.from({ length: STEPS * STEPS }, (_, variant) => {
    const x = ((variant % STEPS) + 0.5) / STEPS - 0.5;
    const y = (Math.floor(variant / STEPS) + 0.5) / STEPS - 0.5;
    const touched: [number, number, number][] = [];
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const weight = Math.round(256 * coverage(diameter / 2 - Math.hypot(dx - x, dy - y)));
        if (weight > 0) touched.push([dx, dy, weight]);
      }
    }
    const column = (at: 0 | 1 | 2) => Int32Array.from(touched, (pixel) => pixel[at]);
    return { dx: column(0), dy: column(1), weight: column(2) };
  });
}

/** Draws every `stride`-th of the points as a dot of so many pixels across. */
export function drawDots(
  { words, width, height }: Raster,
  { x, y, colours, order }: Dots,
  { left, top, scale }: Grid,
  diameter: number,
  stride = 1,
): void {
  const reach = Math.ceil(diameter / 2 + 0.7);
  const stamps = makeStamps(diameter);
  const offsets = stamps.map(({ dx, dy }) => dx.map((column, at) => column + width * dy[at]!));
  for (let k = 0; k < order.length; k += stride) {
    const i = order[k]!;
    const px = left + x[i]! * scale;
    const py = top - y[i]! * scale;
    if (!(px > -reach && py > -reach && px < width + reach && py < height + reach)) continue;
    const column = Math.floor(px);
    const row = Math.floor(py);
    const variant = Math.floor(STEPS * (px - column)) + STEPS * Math.floor(STEPS * (py - row));
    const colour = colours[i]!;
    const alpha = colour >>> 24;
    const { dx, dy, weight } = stamps[variant]!;
    const offset = offsets[variant]!;
    const inside = column >= reach && row >= reach && column < width - reach && row < height - reach;
    const centre = row * width + column;
    for (let p = 0; p < weight.length; p++) {
      if (!inside) {
        const [c, r] = [column + dx[p]!, row + dy[p]!];
        if (c < 0 || r < 0 || c >= width || r >= height) continue;
      }
      const at = centre + offset[p]!;
      words[at] = blend(words[at]!, colour, (weight[p]! * alpha) / 255);
    }
  }
}

import type { SheetLayout } from '../data/sprites.ts';
import { blend, coverage, type Dots, type Grid, type Raster } from './raster.ts';

/** The sizes of dots and thumbnails in pixels, and how far dots have turned into thumbnails, 0..1. */
interface Sizes {
  dot: number;
  tile: number;
  thumbnails: number;
}

/** Where the thumbnails of points are: each point's slot, and the sheets that are here, decoded. */
export interface Tiles {
  layout: SheetLayout;
  slots: Uint32Array;
  sheets: ReadonlyMap<number, Uint8Array>;
}

/** A coloured thumbnail's frame, in the point's colour, in pixels. */
const FRAME = 2;

/** Draws points as thumbnails, or as what is between them and dots; without their sheet, as dots. */
export function drawTiles(raster: Raster, dots: Dots, grid: Grid, tiles: Tiles, sizes: Sizes): void {
  const { x, y, colours, order } = dots;
  const { width, height } = raster;
  const { layout, slots, sheets } = tiles;
  const size = Math.max(sizes.tile, sizes.dot);
  const paint = painterOf(raster, layout, { ...sizes, size });
  for (const i of order) {
    const px = grid.left + x[i]! * grid.scale;
    const py = grid.top - y[i]! * grid.scale;
    if (!(px > -size && py > -size && px < width + size && py < height + size)) continue;
    const slot = slots[i]!;
    paint(px, py, colours[i]!, sheets.get(Math.floor(slot / layout.perSheet)), slot % layout.perSheet);
  }
}

/** Paints one point, as the shaders of the WebGL renderer do. */
function painterOf(
  { words, width, height }: Raster,
  { tile, columns, width: sheetWidth }: SheetLayout,
  { dot, thumbnails, size }: Sizes & { size: number },
) {
  const { channels } = tile;
  const unit = Math.max(tile.width, tile.height) / size;
  const row = sheetWidth * channels;
  const reach = (dot / 2 + 0.7) ** 2;
  const half = size / 2;
  return (px: number, py: number, ink: number, sheet: Uint8Array | undefined, slot: number) => {
    const alpha = (256 * (ink >>> 24)) / 255;
    const start = Math.floor(slot / columns) * tile.height * row + (slot % columns) * tile.width * channels;
    const [left, right] = [Math.max(0, Math.round(px - half)), Math.min(width, Math.round(px + half))];
    const [top, bottom] = [Math.max(0, Math.round(py - half)), Math.min(height, Math.round(py + half))];
    for (let r = top; r < bottom; r++) {
      const dy = r + 0.5 - py;
      for (let c = left; c < right; c++) {
        const dx = c + 0.5 - px;
        let shown = 0;
        if ((!sheet || thumbnails < 1) && dx * dx + dy * dy < reach) {
          shown = coverage(dot / 2 - Math.sqrt(dx * dx + dy * dy)) * (sheet ? 1 - thumbnails : 1);
        }
        let colour = ink;
        const u = tile.width / 2 + dx * unit;
        const v = tile.height / 2 + dy * unit;
        if (sheet && u >= 0 && v >= 0 && u < tile.width && v < tile.height) {
          const light = sampleAt(sheet, start, row, tile, u, v, 0);
          if (channels === 1) shown += Math.min(1, (1.15 * light) / 255) * thumbnails;
          else {
            shown += thumbnails;
            if (Math.min(u, v, tile.width - u, tile.height - v) >= FRAME * unit) {
              const green = sampleAt(sheet, start, row, tile, u, v, 1);
              const blue = sampleAt(sheet, start, row, tile, u, v, 2);
              colour = blend(ink, light | (green << 8) | (blue << 16), 256 * thumbnails);
            }
          }
        }
        if (shown > 0.004) words[r * width + c] = blend(words[r * width + c]!, colour, shown * alpha);
      }
    }
  };
}

/** A channel of a thumbnail, 0..255, between the four pixels around a place. */
function sampleAt(
  sheet: Uint8Array,
  start: number,
  row: number,
  { width, height, channels }: SheetLayout['tile'],
  u: number,
  v: number,
  channel: number,
): number {
  const x = Math.min(Math.max(u - 0.5, 0), width - 1);
  const y = Math.min(Math.max(v - 0.5, 0), height - 1);
  const column = x | 0;
  const line = y | 0;
  const at = start + line * row + column * channels + channel;
  const right = column + 1 < width ? channels : 0;
  const below = at + (line + 1 < height ? row : 0);
  const upper = sheet[at]! + (sheet[at + right]! - sheet[at]!) * (x - column);
  const lower = sheet[below]! + (sheet[below + right]! - sheet[below]!) * (x - column);
  return upper + (lower - upper) * (y - line);
}

import sharp from 'sharp';
import type { Manifest } from '../bundle/manifest.ts';

const COLUMNS = 50;
const PER_SHEET = COLUMNS * COLUMNS;

/**
 * Thumbnails of `count` grey images (height × width, u8) as lossless WebP sheets, so that a sheet also
 * serves as the pixels themselves.
 */
export async function spriteSheets(
  data: Uint8Array,
  count: number,
  [height, width]: readonly [number, number],
): Promise<{ sprites: Manifest['sprites']; files: Map<string, Uint8Array> }> {
  const files = new Map<string, Uint8Array>();
  const size = height * width;
  for (let first = 0; first < count; first += PER_SHEET) {
    const tiles = Math.min(PER_SHEET, count - first);
    const rows = Math.ceil(tiles / COLUMNS);
    const sheet = new Uint8Array(rows * height * COLUMNS * width);
    for (let tile = 0; tile < tiles; tile++) {
      const left = (tile % COLUMNS) * width;
      const top = Math.floor(tile / COLUMNS) * height;
      for (let row = 0; row < height; row++) {
        const from = (first + tile) * size + row * width;
        sheet.set(data.subarray(from, from + width), (top + row) * COLUMNS * width + left);
      }
    }
    const raw = { width: COLUMNS * width, height: rows * height, channels: 1 as const };
    const webp = await sharp(sheet, { raw }).webp({ lossless: true, effort: 4 }).toBuffer();
    files.set(`sprites-${files.size}.webp`, new Uint8Array(webp));
  }
  const sprites = { tile: [height, width] as [number, number], columns: COLUMNS, per_sheet: PER_SHEET };
  return { sprites: { ...sprites, files: [...files.keys()] }, files };
}

import sharp from 'sharp';
import type { Manifest, Scaling } from '../../bundle/manifest.ts';

/** Tiles in a row and rows of a sheet, at most, and the longest side of a sheet in pixels: what every graphics card takes. */
const MOST_COLUMNS = 40;
const MOST_PIXELS = 2048;

/** Sheets that are compressed at the same time. */
const LANES = 2;

/**
 * Thumbnails of images (height × width × channels) as lossless WebP sheets: a sheet of grey bytes also serves as the pixels
 * themselves. `slots` are the images' tiles, counted over all sheets. Undefined unless the samples are images of one or three channels.
 */
export async function drawThumbnails(
  samples: Uint8Array | Float32Array,
  slots: Uint32Array,
  shape: readonly number[],
  scaling: Scaling,
): Promise<{ sprites: NonNullable<Manifest['sprites']>; files: Map<string, Uint8Array> } | undefined> {
  const [height, width, channels] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3) || scaling.kind !== 'range') return undefined;
  const data = toBytes(samples, scaling);
  const count = slots.length;
  const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.floor(MOST_PIXELS / Math.max(width, height))));
  const perSheet = columns * columns;
  const row = width * channels;
  const size = height * row;
  const imageIn = new Uint32Array(count);
  for (const [image, slot] of slots.entries()) imageIn[slot] = image;
  const draw = (first: number): Promise<Buffer> => {
    const tiles = Math.min(perSheet, count - first);
    const rows = Math.ceil(tiles / columns);
    const sheet = new Uint8Array(rows * height * columns * row);
    for (let tile = 0; tile < tiles; tile++) {
      const left = (tile % columns) * row;
      const top = Math.floor(tile / columns) * height;
      for (let y = 0; y < height; y++) {
        const from = imageIn[first + tile] * size + y * row;
        sheet.set(data.subarray(from, from + row), (top + y) * columns * row + left);
      }
    }
    const raw = { width: columns * width, height: rows * height, channels: channels as 1 | 3 };
    return sharp(sheet, { raw }).webp({ lossless: true, effort: 4 }).toBuffer();
  };
  const sheets: Uint8Array[] = new Array(Math.ceil(count / perSheet));
  let next = 0;
  const lane = async () => {
    while (next < sheets.length) {
      const sheet = next++;
      sheets[sheet] = new Uint8Array(await draw(sheet * perSheet));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const files = new Map(sheets.map((bytes, i) => [`sprites-${i}.webp`, bytes]));
  const tile: [number, number] = [height, width];
  return {
    sprites: { tile, columns, per_sheet: perSheet, order: 'place', files: [...files.keys()] },
    files,
  };
}

/** Maps raw values from `low`..`high` to bytes. */
function toBytes(
  samples: Uint8Array | Float32Array,
  { low, high }: { low: number; high: number },
): Uint8Array {
  if (samples instanceof Uint8Array && low === 0 && high === 255) return samples;
  return Uint8Array.from(samples, (value) => Math.round((255 * (value - low)) / (high - low)));
}

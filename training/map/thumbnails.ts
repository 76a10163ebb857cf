import sharp from 'sharp';
import type { Manifest, Scaling } from '../../bundle/manifest.ts';

const COLUMNS = 50;
const PER_SHEET = COLUMNS * COLUMNS;

/**
 * Thumbnails of the first `count` images (height × width × channels) as lossless WebP sheets: a sheet of grey bytes also
 * serves as the pixels themselves. Undefined unless the samples are images of one or three channels.
 */
export async function drawThumbnails(
  samples: Uint8Array | Float32Array,
  count: number,
  shape: readonly number[],
  scaling: Scaling,
): Promise<{ sprites: NonNullable<Manifest['sprites']>; files: Map<string, Uint8Array> } | undefined> {
  const [height, width, channels] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3) || scaling.kind !== 'range') return undefined;
  const data = toBytes(samples, scaling);
  const files = new Map<string, Uint8Array>();
  const row = width * channels;
  const size = height * row;
  for (let first = 0; first < count; first += PER_SHEET) {
    const tiles = Math.min(PER_SHEET, count - first);
    const rows = Math.ceil(tiles / COLUMNS);
    const sheet = new Uint8Array(rows * height * COLUMNS * row);
    for (let tile = 0; tile < tiles; tile++) {
      const left = (tile % COLUMNS) * row;
      const top = Math.floor(tile / COLUMNS) * height;
      for (let y = 0; y < height; y++) {
        const from = (first + tile) * size + y * row;
        sheet.set(data.subarray(from, from + row), (top + y) * COLUMNS * row + left);
      }
    }
    const raw = { width: COLUMNS * width, height: rows * height, channels: channels as 1 | 3 };
    const webp = await sharp(sheet, { raw }).webp({ lossless: true, effort: 4 }).toBuffer();
    files.set(`sprites-${files.size}.webp`, new Uint8Array(webp));
  }
  const sprites = { tile: [height, width] as [number, number], columns: COLUMNS, per_sheet: PER_SHEET };
  return { sprites: { ...sprites, files: [...files.keys()] }, files };
}

/** Maps raw values from `low`..`high` to bytes. */
function toBytes(
  samples: Uint8Array | Float32Array,
  { low, high }: { low: number; high: number },
): Uint8Array {
  if (samples instanceof Uint8Array && low === 0 && high === 255) return samples;
  return Uint8Array.from(samples, (value) => Math.round((255 * (value - low)) / (high - low)));
}

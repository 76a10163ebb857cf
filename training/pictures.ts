import sharp from 'sharp';

/** Images in a row of a picture, and the space between two. */
const COLUMNS = 16;
const GAP = 2;
const BACKGROUND = 128;

/**
 * A picture of rows of images, 16 in each, as lossless WebP: for example samples above their
 * reconstructions. Each row is at least 16 images (height × width × channels of 1 or 3), values in 0..1.
 */
export async function picture(
  rows: readonly Float32Array[],
  [height, width, channels]: readonly number[],
): Promise<Uint8Array> {
  const stride = COLUMNS * (width + GAP) + GAP;
  const canvas = new Uint8Array(stride * (rows.length * (height + GAP) + GAP) * channels).fill(BACKGROUND);
  for (const [r, images] of rows.entries()) {
    for (let i = 0; i < COLUMNS; i++) {
      for (let y = 0; y < height; y++) {
        const top = GAP + r * (height + GAP) + y;
        const to = (top * stride + GAP + i * (width + GAP)) * channels;
        const from = (i * height + y) * width * channels;
        for (let k = 0; k < width * channels; k++) {
          canvas[to + k] = Math.round(255 * Math.min(1, Math.max(0, images[from + k])));
        }
      }
    }
  }
  const raw = { width: stride, height: canvas.length / stride / channels, channels: channels as 1 | 3 };
  return new Uint8Array(await sharp(canvas, { raw }).webp({ lossless: true }).toBuffer());
}

/** Images in a row. */
export const PICTURE_COLUMNS = COLUMNS;

import sharp from 'sharp';
import { Random } from '../../kernels/random.ts';
import type { Encoder } from '../autoencoder/encoder.ts';
import { buildDecoderGraph, type Trained } from '../autoencoder/export.ts';
import type { Samples } from '../network/samples.ts';
import { createSession, tensor } from '../runtime/session.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { corruptRows } from './denoising.ts';

/** Images per row of a picture. */
export const COLUMNS = 16;
/** Pixels between two images. */
const GAP = 2;
const BACKGROUND = 128;

/** Rows in the picture of samples drawn from the prior, and the seed they are drawn with. */
const SAMPLE_ROWS = 4;
const SAMPLE_SEED = 20161;

/**
 * Pictures of what an image model has learned, as files of a bundle. `reconstructions.webp` has the first 16 test
 * samples, the corrupted ones if the model denoises, and the reconstructions. `samples.webp` has what a variational model
 * decodes from codes drawn from its prior. No files unless the samples are images.
 */
export async function drawPictures(
  trained: Trained,
  scorer: Scorer,
  encoder: Encoder,
  { test, shape }: { test: Samples; shape: readonly number[] },
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const channels = shape[2];
  if (shape.length !== 3 || (channels !== 1 && channels !== 3) || test.count < COLUMNS) return files;
  const clean = await encoder.encode(test.data.subarray(0, COLUMNS * encoder.features));
  const denoises = trained.training.corruption !== 'none';
  const rows = { values: clean, n: COLUMNS, d: encoder.encoded };
  const seen = denoises ? await corruptRows(rows, trained.training) : clean;
  const found = await scorer.run(await encoder.decode(seen), COLUMNS, ['reconstruction']);
  const reconstruction = await encoder.encode(found.reconstruction);
  const shown = denoises ? [clean, seen, reconstruction] : [clean, reconstruction];
  files.set('reconstructions.webp', await drawRows(shown, shape));
  if (trained.model.blueprint.variational) {
    const random = new Random(SAMPLE_SEED);
    await using decoder = await createSession(buildDecoderGraph(trained));
    const drawn = [];
    for (let row = 0; row < SAMPLE_ROWS; row++) {
      const codes = Float32Array.from({ length: COLUMNS * trained.model.code }, () => random.normal());
      const { sample } = await decoder.run({ code: tensor(codes, [COLUMNS, trained.model.code]) });
      drawn.push(await encoder.encode(sample.data as Float32Array));
    }
    files.set('samples.webp', await drawRows(drawn, shape));
  }
  return files;
}

/** Rows of 16 images each (height × width × channels), values in 0..1, as lossless WebP. */
export async function drawRows(
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

import type { Manifest } from '../../bundle/manifest.ts';
import { decodePng, PngError } from '../png/decode.ts';
import { fitImage } from '../png/fit.ts';
import { Problem } from '../problem.ts';
import type { ScoreQuery } from '../query.ts';

/** A PNG, as one instance: its brightness on black, fitted into the shape of the model's images. */
export async function pngSamples(
  body: Uint8Array,
  { data }: Manifest,
  { invert }: ScoreQuery,
): Promise<Float32Array> {
  const [height, width, channels] = data.shape;
  if (channels !== 1) {
    throw new Problem(
      'invalid-body',
      `this model takes ${data.features} values, not an image of one channel`,
    );
  }
  const [minimum, maximum] = data.range;
  try {
    const fitted = await fitImage(decodePng(body, { invert }), width, height);
    return fitted.map((value) => minimum + (value / 255) * (maximum - minimum));
  } catch (error) {
    if (error instanceof PngError) throw new Problem('invalid-body', error.message);
    throw error;
  }
}

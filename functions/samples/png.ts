import { fitImage } from '../../bundle/fit-image.ts';
import { kindOf } from '../../bundle/kind.ts';
import { decodePng, PngError } from '../../bundle/png/decode.ts';
import { Problem } from '../http/problem.ts';
import type { SampleFormat } from './format.ts';

/** A PNG as one instance: its luminance or its colours, on black, fitted to the size of the model's images. */
export const png: SampleFormat = {
  type: 'image/png',
  refusal(data) {
    const { shape, range } = data;
    const kind = kindOf(data);
    if (kind !== 'image')
      return `this model takes ${kind === 'table' ? 'rows of a table' : 'rows of numbers'}, not images`;
    if (shape[2] !== 1 && shape[2] !== 3) return `this model takes images with ${shape[2]} channels`;
    return range ? undefined : 'the model does not say which values are black and white';
  },
  async read(body, { data: { shape, range } }, { invert, maxPixels, pause }) {
    const [height, width, channels] = shape;
    const [minimum, maximum] = range!;
    try {
      const image = decodePng(body, { invert, channels: channels as 1 | 3, maxPixels, pause });
      const fitted = await fitImage(image, width, height);
      return {
        // Rounded, because training sees images as bytes.
        values: fitted.map((value) => minimum + (Math.round(value) / 255) * (maximum - minimum)),
        errorAt: (_i, j, detail) => ({ detail: `value ${j} of the image: ${detail}` }),
      };
    } catch (error) {
      if (error instanceof PngError) throw new Problem('invalid-body', error.message);
      throw error;
    }
  },
};

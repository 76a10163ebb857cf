import { fitImage } from '../../bundle/fit-image.ts';
import { Problem } from '../http/problem.ts';
import { decodePng, PngError } from '../png/decode.ts';
import type { SampleFormat } from './format.ts';

/** A PNG, as one instance: its brightness or its colours on black, fitted into the shape of the model's images. */
export const png: SampleFormat = {
  type: 'image/png',
  refusal({ shape, range }) {
    if (shape.length !== 3) return 'this model takes rows of numbers, not images';
    if (shape[2] !== 1 && shape[2] !== 3) return `this model takes images of ${shape[2]} channels`;
    return range ? undefined : 'the model does not say which values are black and white';
  },
  async read(body, { data: { shape, range } }, { invert }) {
    const [height, width, channels] = shape;
    const [minimum, maximum] = range!;
    try {
      const image = decodePng(body, { invert, channels: channels as 1 | 3 });
      const fitted = await fitImage(image, width, height);
      return {
        // Rounded, as the images of training are, which are bytes.
        values: fitted.map((value) => minimum + (Math.round(value) / 255) * (maximum - minimum)),
        wrong: (_i, j, detail) => ({ detail: `value ${j} of the image: ${detail}` }),
      };
    } catch (error) {
      if (error instanceof PngError) throw new Problem('invalid-body', error.message);
      throw error;
    }
  },
};

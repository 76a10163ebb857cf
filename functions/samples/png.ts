import { fitImage } from '../../bundle/fit-image.ts';
import { kindOf } from '../../bundle/kind.ts';
import { decodePng, type Image, type Line, PngError } from '../../bundle/png/decode.ts';
import { Problem } from '../http/problem.ts';
import type { SampleFormat } from './format.ts';

/** So many pixels are decoded before other requests have their turn: a few milliseconds. */
const PIXELS_AT_A_TIME = 2 ** 18;

/** A PNG as one instance: its luminance or its colours, on black, fitted to the size of the model's images. */
export const png: SampleFormat = {
  type: 'image/png',
  refusal(data) {
    const { shape, range } = data;
    if (kindOf(data) !== 'image') return 'this model takes rows of numbers, not images';
    if (shape[2] !== 1 && shape[2] !== 3) return `this model takes images with ${shape[2]} channels`;
    return range ? undefined : 'the model does not say which values are black and white';
  },
  async read(body, { data: { shape, range } }, { invert, maxPixels, pause = async () => {} }) {
    const [height, width, channels] = shape;
    const [minimum, maximum] = range!;
    try {
      const image = decodePng(body, { invert, channels: channels as 1 | 3, maxPixels });
      const lines = withPauses(image.lines, Math.ceil(PIXELS_AT_A_TIME / image.width), pause);
      const fitted = await fitImage({ ...image, lines }, width, height);
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

/** The lines of an image, with a pause after every `count`. */
async function* withPauses(
  lines: Image['lines'],
  count: number,
  pause: () => Promise<void>,
): AsyncGenerator<Line> {
  let left = count;
  for await (const line of lines) {
    yield line;
    if (--left > 0) continue;
    left = count;
    await pause();
  }
}

import type * as fit from '../fit-image.ts';
import { MAX_PIXELS, PngError, type PngParts, readChunks } from './chunks.ts';
import { Inflater } from './inflate.ts';
import { makeLight, SAMPLES } from './light.ts';
import { unfilter } from './unfilter.ts';

export { PngError };

/** Pixels of one row, in columns x, x + dx, …: the channels of each, in 0..255. Valid until the next line. */
export interface Line extends fit.Line {
  readonly values: Float32Array;
}

/** A grey or RGB image. Its lines hold each pixel once; those of an interlaced image are in no particular order. */
export interface Image extends fit.Picture {
  readonly lines: AsyncIterable<Line> | Iterable<Line>;
}

export interface DecodeOptions {
  /** Whether the image shows dark ink on light paper. */
  invert: boolean;
  /** 1 (the default): luminance. 3: red, green and blue. */
  channels?: 1 | 3;
  /** The most pixels, {@link MAX_PIXELS} by default. */
  maxPixels?: number;
  /** Is awaited every few milliseconds of decoding: to let others have their turn, or to stop by throwing. */
  pause?: (() => Promise<void>) | undefined;
}

/** The pixels of a pass: the first column and row, and the steps between columns and between rows. */
type Pass = readonly [x: number, y: number, dx: number, dy: number];

const WHOLE: Pass[] = [[0, 0, 1, 1]];

/** The seven passes of Adam7 (PNG specification, third edition, section 8.1). */
const ADAM7: Pass[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** After so many pixels, others have their turn: a few milliseconds. */
const PIXELS_AT_A_TIME = 2 ** 18;

/**
 * Decodes a PNG of any colour type, depth and interlacing, composed on black, line by line. Besides the file itself,
 * only two lines are in memory, whatever the compressed data contain. `invert` inverts luminance or components before
 * composing, so that transparent pixels stay black. Luminance is that of `toGrey`; colour profiles are
 * ignored.
 * Throws a {@link PngError}, at once or while its lines are read, if the PNG is invalid, truncated or larger than
 * `maxPixels` and MAX_SIDE.
 */
export function decodePng(
  bytes: Uint8Array,
  { invert, channels = 1, maxPixels = MAX_PIXELS, pause }: DecodeOptions,
): Image {
  const png = readChunks(bytes, maxPixels);
  const { width, height, orientation } = png;
  return { width, height, channels, orientation, lines: decodeLines(png, invert, channels, pause) };
}

async function* decodeLines(
  png: PngParts,
  invert: boolean,
  channels: number,
  pause: DecodeOptions['pause'],
): AsyncGenerator<Line> {
  const { width, height } = png;
  const light = makeLight(png, invert, channels, width);
  const bits = SAMPLES[png.colour]! * png.depth;
  let left = PIXELS_AT_A_TIME;
  const passes = (png.interlaced ? ADAM7 : WHOLE)
    .map(([x, y, dx, dy]) => ({ x, y, dx, dy, columns: ceil(width - x, dx), rows: ceil(height - y, dy) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, length: 1 + ceil(pass.columns * bits, 8) }));
  const size = passes.reduce((sum, { rows, length }) => sum + rows * length, 0);
  const inflater = new Inflater(png.compressed, size);
  try {
    for (const { x, y, dx, dy, columns, rows, length } of passes) {
      let [above, line] = [new Uint8Array(length), new Uint8Array(length)];
      const values = new Float32Array(columns * channels);
      for (let row = 0; row < rows; row++, [above, line] = [line, above]) {
        if (!inflater.take(line)) await inflater.read(line);
        if (!unfilter(line, above, Math.max(1, bits / 8))) {
          throw new PngError('the PNG is damaged: a line has an unknown filter');
        }
        light(line.subarray(1), values);
        yield { y: y + row * dy, x, dx, values };
        left -= columns;
        if (left > 0 || !pause) continue;
        left = PIXELS_AT_A_TIME;
        await pause();
      }
    }
    await inflater.end();
  } finally {
    inflater.close();
  }
}

const ceil = (length: number, step: number) => Math.ceil(length / step);

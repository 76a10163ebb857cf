import type * as fit from '../fit-image.ts';
import { toGrey } from '../grey.ts';
import { MAX_PIXELS, PngError, type PngParts, readChunks } from './chunks.ts';
import { Inflater } from './inflate.ts';
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

/** Samples per pixel by colour type. */
const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

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
  { invert, channels = 1, maxPixels = MAX_PIXELS }: DecodeOptions,
): Image {
  const png = readChunks(bytes, maxPixels);
  const { width, height, orientation } = png;
  return { width, height, channels, orientation, lines: decodeLines(png, invert, channels) };
}

async function* decodeLines(png: PngParts, invert: boolean, channels: number): AsyncGenerator<Line> {
  const { width, height, depth } = png;
  const light = makeLight(png, invert, channels);
  const stride = SAMPLES[png.colour]!;
  const bits = stride * depth;
  const passes = (png.interlaced ? ADAM7 : WHOLE)
    .map(([x, y, dx, dy]) => ({ x, y, dx, dy, columns: ceil(width - x, dx), rows: ceil(height - y, dy) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, length: 1 + ceil(pass.columns * bits, 8) }));
  const size = passes.reduce((sum, { rows, length }) => sum + rows * length, 0);
  const inflater = new Inflater(png.compressed, size);
  try {
    for (const { x, y, dx, dy, columns, rows, length } of passes) {
      let [above, line] = [new Uint8Array(length), new Uint8Array(length)];
      const samples = new Uint16Array(columns * stride);
      const values = new Float32Array(columns * channels);
      for (let row = 0; row < rows; row++, [above, line] = [line, above]) {
        await inflater.read(line);
        if (!unfilter(line, above, Math.max(1, bits / 8))) {
          throw new PngError('the PNG is damaged: a line has an unknown filter');
        }
        unpack(line.subarray(1), depth, samples);
        for (let c = 0; c < columns; c++) {
          for (let k = 0; k < channels; k++) values[c * channels + k] = light(samples, c * stride, k);
        }
        yield { y: y + row * dy, x, dx, values };
      }
    }
    await inflater.end();
  } finally {
    inflater.close();
  }
}

/** Unpacks samples of `depth` bits from the bytes of a line, the highest bits first. */
function unpack(line: Uint8Array, depth: number, samples: Uint16Array): void {
  const count = samples.length;
  if (depth === 8) {
    samples.set(line);
  } else if (depth === 16) {
    for (let s = 0; s < count; s++) samples[s] = (line[2 * s] << 8) | line[2 * s + 1];
  } else {
    const mask = (1 << depth) - 1;
    for (let s = 0; s < count; s++) {
      const bit = s * depth;
      samples[s] = (line[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
    }
  }
}

/** Computes the light of a pixel in channel `k`, in 0..255, from its samples, which begin at index `s`. */
type Light = (samples: Uint16Array, s: number, k: number) => number;

function makeLight(png: PngParts, invert: boolean, channels: number): Light {
  const { colour, transparency } = png;
  const full = 2 ** png.depth - 1;
  const scale = 255 / full;
  const onBlack = (light: number, alpha: number) => (invert ? full - light : light) * (alpha / full) * scale;
  const key = transparency && colour !== 3 ? readKey(transparency, SAMPLES[colour]!) : undefined;
  const coloured: Light = channels === 1 ? luminance : component;
  switch (colour) {
    case 0:
      return (samples, s) => (samples[s] === key?.[0] ? 0 : onBlack(samples[s], full));
    case 2:
      return (samples, s, k) => {
        const transparent =
          key && samples[s] === key[0] && samples[s + 1] === key[1] && samples[s + 2] === key[2];
        return transparent ? 0 : onBlack(coloured(samples, s, k), full);
      };
    case 3: {
      const table = paletteLight(png, invert, channels, coloured);
      return (samples, s, k) => {
        const entry = samples[s] * channels;
        if (entry < table.length) return table[entry + k];
        throw new PngError(
          `the PNG is damaged: a pixel has entry ${samples[s]} of a palette of ${table.length / channels} colours`,
        );
      };
    }
    case 4:
      return (samples, s) => onBlack(samples[s], samples[s + 1]);
    default:
      return (samples, s, k) => onBlack(coloured(samples, s, k), samples[s + 3]);
  }
}

/** Reads the transparent colour: 16 bits per channel. */
function readKey(transparency: Uint8Array, samples: number): number[] {
  if (samples % 2 === 0 || transparency.length !== 2 * samples) {
    throw new PngError(`the PNG is damaged: its tRNS chunk has ${transparency.length} bytes`);
  }
  return Array.from({ length: samples }, (_, k) => (transparency[2 * k] << 8) | transparency[2 * k + 1]);
}

/** The light of each entry of the palette in each channel, with the alpha from tRNS. */
function paletteLight(
  { palette, transparency }: PngParts,
  invert: boolean,
  channels: number,
  coloured: Light,
): Float32Array {
  if (!palette || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768) {
    throw new PngError('the PNG is damaged: its pixels use a palette, but it has no valid PLTE chunk');
  }
  const components = Uint16Array.from(palette);
  return Float32Array.from({ length: (palette.length / 3) * channels }, (_, p) => {
    const entry = Math.floor(p / channels);
    const light = coloured(components, 3 * entry, p % channels);
    return ((invert ? 255 - light : light) * (transparency?.[entry] ?? 255)) / 255;
  });
}

const luminance: Light = (samples, s) => toGrey(samples[s], samples[s + 1], samples[s + 2]);

const component: Light = (samples, s, k) => samples[s + k];

const ceil = (length: number, step: number) => Math.ceil(length / step);

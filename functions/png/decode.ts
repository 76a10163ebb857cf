import { PngError, type PngParts, readChunks } from './chunks.ts';
import { Inflated } from './inflate.ts';
import { unfilter } from './unfilter.ts';

export { PngError };

/** Pixels of one row of an image, in columns x, x + dx, …: values in 0..255, valid until the next line. */
export interface Line {
  y: number;
  x: number;
  dx: number;
  values: Float32Array;
}

/** An image of one channel. Its lines hold each pixel once; those of an interlaced image are in no order. */
export interface GreyImage {
  width: number;
  height: number;
  lines: AsyncIterable<Line> | Iterable<Line>;
}

/** Where the pixels of a pass lie: the first column and row, and the steps between columns and rows. */
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

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Decodes a PNG of any colour type, depth and interlacing to how bright it is on a black background, line
 * by line: beside the file itself only two lines are in memory, whatever the compressed data say.
 * With `invert` it is read as dark ink on light paper: the luminance is inverted first, so that what is
 * transparent stays black. Luminance is Rec. 709's weighted sum of the encoded components.
 * Throws a {@link PngError}, at once or while its lines are read, on whatever is not a whole, valid PNG of
 * at most MAX_PIXELS and MAX_SIDE.
 */
export function decodePng(bytes: Uint8Array, { invert }: { invert: boolean }): GreyImage {
  const png = readChunks(bytes);
  return { width: png.width, height: png.height, lines: linesOf(png, brightnessOf(png, invert)) };
}

async function* linesOf(png: PngParts, brightness: Brightness): AsyncGenerator<Line> {
  const { width, height, depth } = png;
  const channels = CHANNELS[png.colour]!;
  const bits = channels * depth;
  const passes = (png.interlaced ? ADAM7 : WHOLE)
    .map(([x, y, dx, dy]) => ({ x, y, dx, dy, columns: ceil(width - x, dx), rows: ceil(height - y, dy) }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, length: 1 + ceil(pass.columns * bits, 8) }));
  const size = passes.reduce((sum, { rows, length }) => sum + rows * length, 0);
  const inflated = new Inflated(png.compressed, size);
  try {
    for (const { x, y, dx, dy, columns, rows, length } of passes) {
      let [above, line] = [new Uint8Array(length), new Uint8Array(length)];
      const samples = new Uint16Array(columns * channels);
      const values = new Float32Array(columns);
      for (let row = 0; row < rows; row++, [above, line] = [line, above]) {
        await inflated.read(line);
        if (!unfilter(line, above, Math.max(1, bits / 8))) {
          throw new PngError('the PNG is damaged: a line has a filter that does not exist');
        }
        unpack(line.subarray(1), depth, samples);
        for (let c = 0; c < columns; c++) values[c] = brightness(samples, c * channels);
        yield { y: y + row * dy, x, dx, values };
      }
    }
    await inflated.end();
  } finally {
    inflated.close();
  }
}

/** Takes a line's samples of `depth` bits out of its bytes, the highest bits first. */
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

/** From the samples of a pixel, from index `s` on, to its brightness in 0..255. */
type Brightness = (samples: Uint16Array, s: number) => number;

function brightnessOf(png: PngParts, invert: boolean): Brightness {
  const { colour, transparency } = png;
  const full = 2 ** png.depth - 1;
  const scale = 255 / full;
  const onBlack = (luminance: number, alpha: number) =>
    (invert ? full - luminance : luminance) * (alpha / full) * scale;
  const key = transparency && colour !== 3 ? keyOf(transparency, CHANNELS[colour]!) : undefined;
  switch (colour) {
    case 0:
      return (samples, s) => (samples[s] === key?.[0] ? 0 : onBlack(samples[s], full));
    case 2:
      return (samples, s) => {
        const [r, g, b] = [samples[s], samples[s + 1], samples[s + 2]];
        const transparent = key && r === key[0] && g === key[1] && b === key[2];
        return transparent ? 0 : onBlack(luminance(r, g, b), full);
      };
    case 3: {
      const table = paletteBrightness(png, invert);
      return (samples, s) => {
        if (samples[s] < table.length) return table[samples[s]];
        throw new PngError(
          `the PNG is damaged: a pixel has entry ${samples[s]} of a palette of ${table.length}`,
        );
      };
    }
    case 4:
      return (samples, s) => onBlack(samples[s], samples[s + 1]);
    default:
      return (samples, s) => onBlack(luminance(samples[s], samples[s + 1], samples[s + 2]), samples[s + 3]);
  }
}

/** The one colour that is transparent: 16 bits a channel. */
function keyOf(transparency: Uint8Array, channels: number): number[] {
  if (channels % 2 === 0 || transparency.length !== 2 * channels) {
    throw new PngError(`the PNG is damaged: its tRNS chunk has ${transparency.length} bytes`);
  }
  return Array.from({ length: channels }, (_, k) => (transparency[2 * k] << 8) | transparency[2 * k + 1]);
}

/** The brightness of each entry of the palette, with its alpha in tRNS. */
function paletteBrightness({ palette, transparency }: PngParts, invert: boolean): Float32Array {
  if (!palette || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768) {
    throw new PngError('the PNG is damaged: it has colours of a palette, but no valid PLTE chunk');
  }
  return Float32Array.from({ length: palette.length / 3 }, (_, k) => {
    const light = luminance(palette[3 * k], palette[3 * k + 1], palette[3 * k + 2]);
    return ((invert ? 255 - light : light) * (transparency?.[k] ?? 255)) / 255;
  });
}

const luminance = (r: number, g: number, b: number) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

const ceil = (length: number, step: number) => Math.ceil(length / step);

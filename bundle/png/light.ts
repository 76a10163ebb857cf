import { toGrey } from '../grey.ts';
import { PngError, type PngParts } from './chunks.ts';

/** Samples per pixel by colour type. */
export const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Computes the light of the pixels of a line in each channel, in 0..255, from their bytes, which have no filter. */
export type Light = (bytes: Uint8Array, values: Float32Array) => void;

/**
 * The light of a PNG's pixels on black, as luminance (`channels` 1) or components (3). `invert` inverts either before it is
 * composed. `columns`: how many pixels a line has at most. Throws a {@link PngError} if the PNG contradicts itself.
 */
export function makeLight(png: PngParts, invert: boolean, channels: number, columns: number): Light {
  const { colour, depth, transparency } = png;
  const full = 2 ** depth - 1;
  const scale = 255 / full;
  const key = transparency && colour !== 3 ? readKey(transparency, SAMPLES[colour]!) : undefined;
  const onBlack = (light: number, alpha: number) => (invert ? full - light : light) * (alpha / full) * scale;
  if (colour === 3) return lookUp(paletteLight(png, invert, channels), depth, channels);
  if (colour === 0 && depth <= 8) {
    const grey = (_: unknown, p: number) => {
      const level = Math.floor(p / channels);
      return level === key?.[0] ? 0 : onBlack(level, full);
    };
    return lookUp(Float32Array.from({ length: 2 ** depth * channels }, grey), depth, channels);
  }
  const wide = new Uint16Array(columns * SAMPLES[colour]!);
  const compose = channels === 1 ? toLuminance : toComponents;
  return (bytes, values) => {
    if (depth === 8) wide.set(bytes);
    else for (let s = 0; 2 * s < bytes.length; s++) wide[s] = (bytes[2 * s] << 8) | bytes[2 * s + 1];
    compose(wide, values, colour, key, invert, full);
  };
}

/** Where the samples of a pixel are; grey is red, green and blue at once. */
function placesIn(colour: number) {
  const stride = SAMPLES[colour]!;
  const [green, blue] = stride < 3 ? [0, 0] : [1, 2];
  return { stride, green, blue, alpha: stride % 2 === 0 ? stride - 1 : undefined };
}

/** The luminance of pixels with samples of 8 or 16 bits. */
function toLuminance(
  samples: Uint16Array,
  values: Float32Array,
  colour: number,
  key: readonly number[] | undefined,
  invert: boolean,
  full: number,
): void {
  const { stride, green, blue, alpha } = placesIn(colour);
  const scale = 255 / full;
  for (let c = 0, s = 0; c < values.length; c++, s += stride) {
    const [r, g, b] = [samples[s], samples[s + green], samples[s + blue]];
    const light = toGrey(r, g, b);
    const share = alpha === undefined ? 1 : samples[s + alpha] / full;
    values[c] = isKey(key, r, g, b) ? 0 : (invert ? full - light : light) * share * scale;
  }
}

/** The red, green and blue of such pixels. */
function toComponents(
  samples: Uint16Array,
  values: Float32Array,
  colour: number,
  key: readonly number[] | undefined,
  invert: boolean,
  full: number,
): void {
  const { stride, green, blue, alpha } = placesIn(colour);
  const scale = 255 / full;
  for (let v = 0, s = 0; v < values.length; v += 3, s += stride) {
    const [r, g, b] = [samples[s], samples[s + green], samples[s + blue]];
    const share = alpha === undefined ? 1 : samples[s + alpha] / full;
    const shown = isKey(key, r, g, b) ? 0 : share;
    values[v] = (invert ? full - r : r) * shown * scale;
    values[v + 1] = (invert ? full - g : g) * shown * scale;
    values[v + 2] = (invert ? full - b : b) * shown * scale;
  }
}

/** Whether a colour is the transparent one. The key of greys has one number. */
const isKey = (key: readonly number[] | undefined, r: number, g: number, b: number): boolean =>
  key !== undefined && r === key[0] && (key.length === 1 || (g === key[1] && b === key[2]));

/** Looks up pixels of one sample, of at most 8 bits, in a table with all channels of each value. */
function lookUp(table: Float32Array, depth: number, channels: number): Light {
  const mask = 2 ** depth - 1;
  const colours = table.length / channels;
  return (bytes, values) => {
    const count = values.length / channels;
    for (let c = 0; c < count; c++) {
      const bit = c * depth;
      const sample = depth === 8 ? bytes[c] : (bytes[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
      if (sample >= colours) {
        throw new PngError(
          `the PNG is damaged: a pixel has entry ${sample} of a palette of ${colours} colours`,
        );
      }
      if (channels === 1) values[c] = table[sample];
      else for (let k = 0; k < channels; k++) values[c * channels + k] = table[sample * channels + k];
    }
  };
}

/** Reads the transparent colour: 16 bits per channel. */
function readKey(transparency: Uint8Array, samples: number): number[] {
  if (samples % 2 === 0 || transparency.length !== 2 * samples) {
    throw new PngError(`the PNG is damaged: its tRNS chunk has ${transparency.length} bytes`);
  }
  return Array.from({ length: samples }, (_, k) => (transparency[2 * k] << 8) | transparency[2 * k + 1]);
}

/** The light of each entry of the palette in each channel, with the alpha from tRNS. */
function paletteLight({ palette, transparency }: PngParts, invert: boolean, channels: number): Float32Array {
  if (!palette || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768) {
    throw new PngError('the PNG is damaged: its pixels use a palette, but it has no valid PLTE chunk');
  }
  return Float32Array.from({ length: (palette.length / 3) * channels }, (_, p) => {
    const entry = Math.floor(p / channels);
    const [red, green, blue] = palette.subarray(3 * entry);
    const light = channels === 1 ? toGrey(red!, green!, blue!) : palette[3 * entry + (p % channels)];
    return ((invert ? 255 - light : light) * (transparency?.[entry] ?? 255)) / 255;
  });
}

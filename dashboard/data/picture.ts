import type { Manifest } from '../../bundle/manifest.ts';

/** The shape of an image: its size, its channels (1 grey, 3 RGB), and the raw values of black and white. */
export interface Picture {
  height: number;
  width: number;
  channels: number;
  low: number;
  high: number;
}

/** Brightness, 0..255, from raw values. */
export const toLight = (raw: ArrayLike<number>, { low, high }: Picture): Float32Array =>
  Float32Array.from(raw, (value) => (255 * (value - low)) / (high - low));

/** Raw values from brightness, 0..255. */
export const toRaw = (light: ArrayLike<number>, { low, high }: Picture): Float32Array =>
  Float32Array.from(light, (value) => low + (value * (high - low)) / 255);

/** Each pixel's sum over its channels. */
export const sumChannels = (values: ArrayLike<number>, { channels }: Picture): Float32Array =>
  Float32Array.from({ length: values.length / channels }, (_, pixel) => {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += values[pixel * channels + k]!;
    return sum;
  });

/** The row and column of the pixel that value `index` of an image belongs to. */
export function pixelOf(index: number, { width, channels }: Picture): { row: number; column: number } {
  const pixel = Math.floor(index / channels);
  return { row: Math.floor(pixel / width), column: pixel % width };
}

/** The shape of an image model's samples. */
export function pictureOf({
  shape,
  range,
  scaling,
}: Pick<Manifest['data'], 'shape' | 'range' | 'scaling'>): Picture {
  const [height = 1, width = 1, channels = 1] = shape;
  const [low, high] = scaling.kind === 'range' ? [scaling.low, scaling.high] : (range ?? [0, 255]);
  return { height, width, channels, low, high };
}

/** What an image is: its size, its channels (1 grey, 3 red, green and blue), and its darkest and lightest raw value. */
export interface Picture {
  height: number;
  width: number;
  channels: number;
  low: number;
  high: number;
}

/** Raw values as light, 0..255. */
export const lightOf = (raw: ArrayLike<number>, { low, high }: Picture): Float32Array =>
  Float32Array.from(raw, (value) => (255 * (value - low)) / (high - low));

/** Light, 0..255, as raw values. */
export const rawOf = (light: ArrayLike<number>, { low, high }: Picture): Float32Array =>
  Float32Array.from(light, (value) => low + (value * (high - low)) / 255);

/** The sum over the channels of each pixel. */
export const overChannels = (values: ArrayLike<number>, { channels }: Picture): Float32Array =>
  Float32Array.from({ length: values.length / channels }, (_, pixel) => {
    let sum = 0;
    for (let k = 0; k < channels; k++) sum += values[pixel * channels + k]!;
    return sum;
  });

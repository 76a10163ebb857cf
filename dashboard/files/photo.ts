import { DataError } from '../../bundle/error.ts';
import { fitImage, type Line } from '../../bundle/fit-image.ts';
import { toGrey } from '../../bundle/grey.ts';
import type { NamedFile } from './text-file.ts';

/** The size and the channels of a model's images. */
export interface Shape {
  readonly height: number;
  readonly width: number;
  /** 1 grey, 3 RGB. */
  readonly channels: number;
}

/** What a file dialogue offers. */
export const PHOTOS = 'image/png,image/jpeg,image/webp';

/** The most pixels of a photo: decoded, each takes four bytes. */
const MAX_PIXELS = 2 ** 26;

/**
 * Decodes a photo (PNG, JPEG, WebP, or whatever else this browser decodes) upright, on black, its colour profile
 * ignored, and fits it to a model's images as the API fits a PNG. Returns its brightness: height × width × channels whole
 * numbers from 0 to 255. Throws a {@link DataError} if this browser cannot decode it.
 */
export async function decodePhoto({ path, blob }: NamedFile, shape: Shape): Promise<Float32Array> {
  const { height, width, channels } = shape;
  const photo = await createImageBitmap(blob, {
    colorSpaceConversion: 'none',
    imageOrientation: 'from-image',
  }).catch(() => {
    throw new DataError(`${path} is no image that this browser decodes: expected a PNG, JPEG or WebP file`);
  });
  try {
    if (photo.width * photo.height > MAX_PIXELS) {
      throw new DataError(
        `${path} has ${photo.width} × ${photo.height} pixels: expected at most ${MAX_PIXELS}`,
      );
    }
    const lines = eachLine(photo, channels);
    const fitted = await fitImage(
      { width: photo.width, height: photo.height, channels, lines },
      width,
      height,
    );
    return fitted.map(Math.round);
  } finally {
    photo.close();
  }
}

/** Lines that are read from the canvas at a time. */
const STRIP = 64;

function* eachLine(photo: ImageBitmap, channels: number): Generator<Line> {
  const { width, height } = photo;
  const canvas = new OffscreenCanvas(width, Math.min(STRIP, height));
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!;
  const values = new Float32Array(width * channels);
  for (let top = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, rows);
    context.drawImage(photo, 0, -top);
    const { data } = context.getImageData(0, 0, width, rows);
    for (let row = 0; row < rows; row++) {
      for (let x = 0, at = 4 * row * width; x < width; x++, at += 4) {
        const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
        if (channels === 1) values[x] = toGrey(red, green, blue);
        else values.set([red, green, blue], 3 * x);
      }
      yield { y: top + row, x: 0, dx: 1, values };
    }
  }
}

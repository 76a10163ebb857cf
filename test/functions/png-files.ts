import sharp, { type Sharp } from 'sharp';
import type { TestProject } from 'vitest/node';

/** A PNG written by libpng, and its pixels as libpng reads them: RGBA, values in 0..255. */
export interface PngFile {
  name: string;
  base64: string;
  width: number;
  height: number;
  rgba: number[];
}

declare module 'vitest' {
  export interface ProvidedContext {
    pngFiles: PngFile[];
  }
}

const WIDTH = 37;
const HEIGHT = 23;

/** Writes PNGs of many kinds with libpng, in Node, for the tests in workerd. */
export default async function setup(project: TestProject): Promise<void> {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 4);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    pixels.set([x * 6, y * 11, (x * y) % 256, x < 10 ? 25 * x : 255], 4 * i);
  }
  const image = () => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
  const kinds: [string, Sharp][] = [
    ['RGBA', image().png()],
    ['RGBA interlaced', image().png({ progressive: true })],
    ['RGB', image().removeAlpha().png({ adaptiveFiltering: true })],
    ['RGB interlaced', image().removeAlpha().png({ progressive: true })],
    ['grey', image().removeAlpha().toColourspace('b-w').png({ adaptiveFiltering: true })],
    ['grey with alpha', image().toColourspace('b-w').png()],
    ['grey with alpha interlaced', image().toColourspace('b-w').png({ progressive: true })],
    ['RGBA of 16 bits', image().toColourspace('rgb16').png()],
    ['grey of 16 bits interlaced', image().removeAlpha().toColourspace('grey16').png({ progressive: true })],
    ...[2, 4, 16, 200].flatMap((colours): [string, Sharp][] => [
      [`palette of ${colours}`, image().png({ palette: true, colours })],
      [`palette of ${colours} interlaced`, image().png({ palette: true, colours, progressive: true })],
    ]),
  ];
  const files: PngFile[] = [];
  for (const [name, encoder] of kinds) {
    const png = await encoder.toBuffer();
    const rgba = await sharp(png).toColourspace('srgb').ensureAlpha().raw().toBuffer();
    files.push({ name, base64: png.toString('base64'), width: WIDTH, height: HEIGHT, rgba: [...rgba] });
  }
  project.provide('pngFiles', files);
}

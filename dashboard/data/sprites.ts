import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';

/** Thumbnails of all points: grey sheets of tiles in rows. The sheets are lossless, so a tile is the sample. */
export interface Sprites {
  tile: [width: number, height: number];
  columns: number;
  perSheet: number;
  width: number;
  sheets: Uint8Array[];
}

/** Decodes the sheets of a bundle, one byte a pixel. `read` gives a file's verified bytes. */
export async function decodeSprites(
  { sprites }: Manifest,
  read: (name: string) => Promise<Uint8Array>,
): Promise<Sprites> {
  const [tileWidth, tileHeight] = sprites.tile;
  const width = tileWidth * sprites.columns;
  const sheets = [];
  for (const name of sprites.files) sheets.push(await decodeSheet(name, await read(name), width));
  return {
    tile: [tileWidth, tileHeight],
    columns: sprites.columns,
    perSheet: sprites.per_sheet,
    width,
    sheets,
  };
}

async function decodeSheet(name: string, bytes: Uint8Array, width: number): Promise<Uint8Array> {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/webp' });
  const image = await createImageBitmap(blob, {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  }).catch(() => {
    throw new BundleError(`${name} is damaged: this browser cannot decode it`);
  });
  if (image.width !== width)
    throw new BundleError(`${name} is ${image.width} pixels wide, the manifest says ${width}`);
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d', {
    willReadFrequently: true,
  })!;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  image.close();
  return Uint8Array.from({ length: data.length / 4 }, (_, pixel) => data[4 * pixel]!);
}

/** The pixels of point `index`, row-major, one byte each. */
export function tileOf({ tile, columns, perSheet, width, sheets }: Sprites, index: number): Uint8Array {
  const [tileWidth, tileHeight] = tile;
  const sheet = sheets[Math.floor(index / perSheet)]!;
  const place = index % perSheet;
  const top = Math.floor(place / columns) * tileHeight;
  const left = (place % columns) * tileWidth;
  const pixels = new Uint8Array(tileWidth * tileHeight);
  for (let row = 0; row < tileHeight; row++) {
    const start = (top + row) * width + left;
    pixels.set(sheet.subarray(start, start + tileWidth), row * tileWidth);
  }
  return pixels;
}

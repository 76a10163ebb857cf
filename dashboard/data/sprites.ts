import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Picture } from './picture.ts';

/**
 * Thumbnails of all points: sheets with rows of tiles, one byte per channel. The sheets are lossless, so a tile is
 * the sample to 8 bits.
 */
export interface Sprites {
  tile: Picture;
  columns: number;
  perSheet: number;
  /** The width of a sheet in pixels. */
  width: number;
  sheets: Uint8Array[];
}

/** Decodes a bundle's sheets, if it has any. `read` returns a file's verified bytes. */
export async function decodeSprites(
  { sprites, data }: Manifest,
  read: (name: string) => Promise<Uint8Array>,
): Promise<Sprites | undefined> {
  if (!sprites) return undefined;
  const [height, width] = sprites.tile;
  const [low, high] =
    data.scaling.kind === 'range' ? [data.scaling.low, data.scaling.high] : (data.range ?? [0, 255]);
  const tile: Picture = { height, width, channels: data.shape[2] === 3 ? 3 : 1, low, high };
  const sheetWidth = width * sprites.columns;
  const sheets = [];
  for (const name of sprites.files) {
    sheets.push(await decodeSheet(name, await read(name), sheetWidth, tile.channels));
  }
  return { tile, columns: sprites.columns, perSheet: sprites.per_sheet, width: sheetWidth, sheets };
}

async function decodeSheet(
  name: string,
  bytes: Uint8Array,
  width: number,
  channels: number,
): Promise<Uint8Array> {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/webp' });
  const image = await createImageBitmap(blob, {
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  }).catch(() => {
    throw new BundleError(`${name} is damaged: this browser cannot decode it`);
  });
  if (image.width !== width)
    throw new BundleError(`${name} is ${image.width} pixels wide; the manifest says ${width}`);
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d', {
    willReadFrequently: true,
  })!;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  image.close();
  const sheet = new Uint8Array((data.length / 4) * channels);
  for (let p = 0, from = 0; p < sheet.length; from += 4) {
    for (let k = 0; k < channels; k++) sheet[p++] = data[from + k]!;
  }
  return sheet;
}

/** The thumbnail of point `index`: row-major, one byte per channel. */
export function tileOf({ tile, columns, perSheet, width, sheets }: Sprites, index: number): Uint8Array {
  const row = tile.width * tile.channels;
  const sheet = sheets[Math.floor(index / perSheet)]!;
  const place = index % perSheet;
  const top = Math.floor(place / columns) * tile.height;
  const left = (place % columns) * row;
  const pixels = new Uint8Array(tile.height * row);
  for (let y = 0; y < tile.height; y++) {
    const start = (top + y) * width * tile.channels + left;
    pixels.set(sheet.subarray(start, start + row), y * row);
  }
  return pixels;
}

import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Picture } from './picture.ts';

/**
 * How the thumbnails of the points lie in sheets: rows of tiles, one byte per channel. The sheets are lossless, so a tile
 * is the sample to 8 bits.
 */
export interface SheetLayout {
  tile: Picture;
  columns: number;
  perSheet: number;
  /** The width of a sheet in pixels. */
  width: number;
  /** The sheets' files. */
  files: readonly string[];
}

/** Sheets that are kept in memory, decoded, at most. */
const MOST_BYTES = 96 * 2 ** 20;

/** The layout of a bundle's sheets, if it has any. */
export function layoutOf({ sprites, data }: Pick<Manifest, 'sprites' | 'data'>): SheetLayout | undefined {
  if (!sprites) return undefined;
  const [height, width] = sprites.tile;
  const [low, high] =
    data.scaling.kind === 'range' ? [data.scaling.low, data.scaling.high] : (data.range ?? [0, 255]);
  const tile: Picture = { height, width, channels: data.shape[2] === 3 ? 3 : 1, low, high };
  const { columns, per_sheet: perSheet, files } = sprites;
  return { tile, columns, perSheet, width: width * columns, files };
}

/** Decodes a sheet to one byte per channel, row-major. Throws a {@link BundleError} if it is damaged. */
export async function decodeSheet(
  { tile, width }: SheetLayout,
  name: string,
  bytes: Uint8Array,
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
  const sheet = new Uint8Array((data.length / 4) * tile.channels);
  for (let p = 0, from = 0; p < sheet.length; from += 4) {
    for (let k = 0; k < tile.channels; k++) sheet[p++] = data[from + k]!;
  }
  return sheet;
}

/** The tile in a slot of a sheet: row-major, one byte per channel. */
export function cutTile({ tile, columns, width }: SheetLayout, sheet: Uint8Array, slot: number): Uint8Array {
  const row = tile.width * tile.channels;
  const top = Math.floor(slot / columns) * tile.height;
  const left = (slot % columns) * row;
  const pixels = new Uint8Array(tile.height * row);
  for (let y = 0; y < tile.height; y++) {
    const start = (top + y) * width * tile.channels + left;
    pixels.set(sheet.subarray(start, start + row), y * row);
  }
  return pixels;
}

/** The thumbnails of all points. A sheet is loaded when one of its tiles is looked at; the last ones are kept. */
export class Sprites {
  readonly layout: SheetLayout;
  /** Each point's tile, counted over all sheets. */
  readonly slots: Uint32Array;
  readonly #load: (sheet: number) => Promise<Uint8Array>;
  /** Decoded sheets, the one used last at the end. */
  readonly #kept = new Map<number, Uint8Array>();
  readonly #loading = new Map<number, Promise<Uint8Array>>();
  readonly #most: number;

  constructor(
    layout: SheetLayout,
    slots: Uint32Array,
    load: (sheet: number) => Promise<Uint8Array>,
    mostBytes = MOST_BYTES,
  ) {
    this.layout = layout;
    this.slots = slots;
    this.#load = load;
    const { tile, columns, perSheet, width } = layout;
    const bytes = width * Math.ceil(perSheet / columns) * tile.height * tile.channels;
    this.#most = Math.max(2, Math.floor(mostBytes / bytes));
  }

  get tile(): Picture {
    return this.layout.tile;
  }

  /** The sheet with a point's thumbnail. */
  sheetOf(index: number): number {
    return Math.floor(this.slots[index]! / this.layout.perSheet);
  }

  /** A point's thumbnail (row-major, one byte per channel) if its sheet is in memory. */
  peek(index: number): Uint8Array | undefined {
    const number = this.sheetOf(index);
    const sheet = this.#kept.get(number);
    return sheet && this.#cut(this.#use(number, sheet), index);
  }

  /** A point's thumbnail. Rejects if its sheet cannot be read; the next call tries again. */
  async load(index: number): Promise<Uint8Array> {
    return this.#cut(await this.sheet(this.sheetOf(index)), index);
  }

  /** A whole sheet, decoded. */
  sheet(number: number): Promise<Uint8Array> {
    const kept = this.#kept.get(number);
    if (kept) return Promise.resolve(this.#use(number, kept));
    const loading = this.#loading.get(number) ?? this.#fetch(number);
    this.#loading.set(number, loading);
    return loading;
  }

  async #fetch(number: number): Promise<Uint8Array> {
    try {
      return this.#use(number, await this.#load(number));
    } finally {
      this.#loading.delete(number);
    }
  }

  /** Marks a sheet as used, and drops those that have not been used for longest. */
  #use(number: number, sheet: Uint8Array): Uint8Array {
    this.#kept.delete(number);
    this.#kept.set(number, sheet);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
    }
    return sheet;
  }

  #cut(sheet: Uint8Array, index: number): Uint8Array {
    return cutTile(this.layout, sheet, this.slots[index]! % this.layout.perSheet);
  }
}

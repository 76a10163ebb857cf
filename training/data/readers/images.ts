import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import sharp from 'sharp';
import { describeOrientation, fitImage, type Line, type Picture } from '../../../bundle/fit-image.ts';
import { toGrey } from '../../../bundle/grey.ts';
import { isPng, MAX_PIXELS, readChunks } from '../../../bundle/png/chunks.ts';
import { decodePng } from '../../../bundle/png/decode.ts';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from '../datasets/error.ts';
import { MEMORY_LIMIT } from '../datasets/open.ts';

/** Images of one size: count × height × width × channels bytes. */
export interface ImageFolder {
  readonly values: Uint8Array;
  readonly count: number;
  readonly shape: readonly [number, number, number];
  /** Height and width of the files, if they were reduced because no shape was given. */
  readonly reducedFrom?: readonly [number, number];
  /** Their paths, relative to the folder. */
  readonly files: readonly string[];
  /** Height and width of each file, upright. */
  readonly sizes: readonly (readonly [number, number])[];
  /** The class of each image, an index into `classes`; undefined unless every image is in a subfolder. */
  readonly labels: Uint8Array | undefined;
  /** The names of the subfolders. */
  readonly classes: readonly string[];
}

const IMAGE = /\.(png|jpe?g|webp)$/i;

/** Number of images that are decoded at the same time. */
const LANES = 4;

/** Without a shape, larger images are reduced to fit into a square of this side. */
export const DEFAULT_SIDE = 64;

/** Most broken files that are named in a message. */
const NAMED = 5;

/** Most classes: a label is a byte. */
const MOST_CLASSES = 256;

/**
 * Reads the PNG, JPEG and WebP files in a folder and its subfolders, in the order of their names. They have one size,
 * or are resized to fit into `shape` (height, width, channels), on black. Without a shape, they are reduced to a side of at
 * most {@link DEFAULT_SIDE}, and have three channels if any of them has colours, else one. Throws a {@link DataError} that names files that are broken or of another size.
 */
export async function readImages(
  folder: string,
  shape: readonly number[] | undefined,
  onProgress?: (done: number, of: number) => void,
): Promise<ImageFolder> {
  if (shape && (shape.length !== 3 || (shape[2] !== 1 && shape[2] !== 3))) {
    throw new DataError(
      `${folder}: --shape ${shape.join(',')}: images have a height, a width, and 1 or 3 channels`,
    );
  }
  const files = await listImages(folder);
  const stored = shape ? undefined : await findShape(folder, files);
  const [height, width, channels] = shape ?? reduceShape(stored!);
  const size = height * width * channels;
  if (files.length * size > MEMORY_LIMIT) {
    throw new DataError(
      `${folder}: ${files.length} images of ${height} × ${width} × ${channels} take ${files.length * size} bytes, more ` +
        `than the ${MEMORY_LIMIT} that are held in memory: choose a smaller --shape, or save them as one .npy file`,
    );
  }
  const values = new Uint8Array(files.length * size);
  let coloured = shape !== undefined || channels === 1;
  let done = 0;
  const sizes = await forEachFile(folder, files, async (path, i) => {
    const pixels = values.subarray(i * size, (i + 1) * size);
    const upright = await decodeImage(path, [height, width, channels], pixels);
    coloured ||= hasColours(pixels);
    onProgress?.(++done, files.length);
    return upright;
  });
  const reduced = stored && (stored[0] !== height || stored[1] !== width);
  const known = {
    count: files.length,
    files,
    sizes,
    ...findClasses(files),
    ...(reduced && { reducedFrom: [stored[0], stored[1]] as const }),
  };
  if (coloured) return { values, shape: [height, width, channels], ...known };
  // Grey images that were saved with three channels, as WebP always does.
  return { values: values.filter((_, p) => p % 3 === 0), shape: [height, width, 1], ...known };
}

/** Finds the size that all images have, and the channels that they need. */
async function findShape(folder: string, files: readonly string[]): Promise<[number, number, number]> {
  const headers = await forEachFile(folder, files, async (path) => {
    const bytes = await readFile(path);
    if (isPng(bytes)) {
      const { width, height, orientation, colour } = readChunks(bytes, MAX_PIXELS);
      return { ...turnSize({ width, height, orientation }), grey: colour === 0 || colour === 4 };
    }
    const { width, height, channels, space, orientation } = await sharp(bytes, {
      failOn: 'error',
    }).metadata();
    return { ...turnSize({ width, height, orientation }), grey: channels < 3 || space === 'b-w' };
  });
  const [first] = headers;
  const other = headers.findIndex(({ width, height }) => width !== first.width || height !== first.height);
  if (other > 0) {
    const size = (i: number) => `${files[i]} is ${headers[i].height} × ${headers[i].width}`;
    throw new DataError(
      `${folder}: ${size(0)}, ${size(other)}: all images must have one size, or give --shape HEIGHT,WIDTH,CHANNELS to resize them`,
    );
  }
  return [first.height, first.width, headers.every(({ grey }) => grey) ? 1 : 3];
}

/** The shape of images whose longer side is at most {@link DEFAULT_SIDE}, with the same proportions. */
function reduceShape([height, width, channels]: readonly [number, number, number]): [number, number, number] {
  const scale = Math.min(1, DEFAULT_SIDE / Math.max(height, width));
  const side = (d: number) => Math.max(1, Math.round(scale * d));
  return [side(height), side(width), channels];
}

/** The size of an image when it is upright. */
function turnSize({ width, height, orientation }: Omit<Picture, 'lines' | 'channels'>) {
  const { transposed } = describeOrientation(orientation);
  return transposed ? { width: height, height: width } : { width, height };
}

/**
 * Decodes an image and resizes it to `shape`, into `target`. PNGs are decoded as the API decodes them. Returns the height
 * and width of the file.
 */
async function decodeImage(
  path: string,
  [height, width, channels]: readonly number[],
  target: Uint8Array,
): Promise<[number, number]> {
  const bytes = await readFile(path);
  const image = isPng(bytes)
    ? decodePng(bytes, { invert: false, channels: channels as 1 | 3 })
    : await decodePhoto(bytes, channels);
  const fitted = await fitImage(image, width, height);
  for (let p = 0; p < fitted.length; p++) target[p] = Math.round(fitted[p]);
  const upright = turnSize(image);
  return [upright.height, upright.width];
}

/** Decodes a JPEG or WebP: the components as they are stored, on black, in one channel or three. */
async function decodePhoto(bytes: Uint8Array, channels: number): Promise<Picture> {
  const options = { failOn: 'error', ignoreIcc: true } as const;
  const { orientation } = await sharp(bytes, options).metadata();
  const { data, info } = await sharp(bytes, options)
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, channels, orientation, lines: eachLine(data, info, channels) };
}

/** Yields the lines of an image with `stored` components to a pixel, in one channel or three, on black. */
function* eachLine(
  data: Uint8Array,
  { width, height, channels: stored }: Omit<Picture, 'lines'>,
  channels: number,
): Generator<Line> {
  const values = new Float32Array(width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * stored;
      // Grey has one component, and alpha is behind the others.
      const [green, blue] = stored < 3 ? [at, at] : [at + 1, at + 2];
      const alpha = stored % 2 === 0 ? data[at + stored - 1] / 255 : 1;
      if (channels === 1) values[x] = toGrey(data[at], data[green], data[blue]) * alpha;
      else {
        values[3 * x] = data[at] * alpha;
        values[3 * x + 1] = data[green] * alpha;
        values[3 * x + 2] = data[blue] * alpha;
      }
    }
    yield { y, x: 0, dx: 1, values };
  }
}

/** Whether any pixel of three channels is not grey. */
function hasColours(pixels: Uint8Array): boolean {
  for (let p = 0; p < pixels.length; p += 3) {
    if (pixels[p] !== pixels[p + 1] || pixels[p] !== pixels[p + 2]) return true;
  }
  return false;
}

async function listImages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch((error) => {
    throw new DataError(`${folder} cannot be read: ${reason(error)}`);
  });
  const files = entries.filter((name) => IMAGE.test(name)).sort();
  if (files.length === 0) {
    throw new DataError(
      `${folder}: there are no images in this folder: expected .png, .jpg, .jpeg or .webp files`,
    );
  }
  return files;
}

/** Calls `use` for every file, some at a time. Throws a {@link DataError} that says which ones fail. */
async function forEachFile<T>(
  folder: string,
  files: readonly string[],
  use: (path: string, i: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  const broken: { i: number; why: string }[] = [];
  let next = 0;
  const lane = async () => {
    while (next < files.length) {
      const i = next++;
      try {
        results[i] = await use(join(folder, files[i]), i);
      } catch (error) {
        const path = join(folder, files[i]);
        const empty = (await stat(path)).size === 0;
        const why = empty ? 'empty' : (error as Error).message.replaceAll(path, '').replace(/^[\s:]+/, '');
        broken.push({ i, why: why.split('\n')[0] });
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (broken.length === 0) return results;
  const named = broken
    .sort((a, b) => a.i - b.i)
    .slice(0, NAMED)
    .map(({ i, why }) => `${files[i]} (${why})`)
    .join(', ');
  const more = broken.length > NAMED ? `, and ${broken.length - NAMED} more` : '';
  throw new DataError(
    `${folder}: ${broken.length} of ${files.length} images cannot be read: ${named}${more}; expected complete PNG, JPEG and WebP files`,
  );
}

/** Takes each file's subfolder for its class, if every file is in one and there are at least two. */
function findClasses(files: readonly string[]): Pick<ImageFolder, 'labels' | 'classes'> {
  const folders = files.map((file) => (file.includes(sep) ? file.slice(0, file.indexOf(sep)) : ''));
  const classes = [...new Set(folders)].sort();
  if (folders.includes('') || classes.length < 2 || classes.length > MOST_CLASSES) {
    return { labels: undefined, classes: [] };
  }
  return { labels: Uint8Array.from(folders, (name) => classes.indexOf(name)), classes };
}

import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Scaling } from '../../bundle/manifest.ts';
import type { Configuration } from '../configuration.ts';
import { Random } from '../random.ts';
import { type Dataset, MemoryDataset } from './dataset.ts';
import { DataError } from './error.ts';
import { loadMnist } from './mnist.ts';
import { type Data, openData } from './open.ts';
import { type HeldOutSizes, remaining, split } from './split.ts';
import { statistics } from './statistics.ts';

/** Rows at hand: raw values, count × features, row-major. */
export interface Rows {
  readonly data: Uint8Array | Float32Array;
  readonly count: number;
}

/** Data made ready for a training run: split, and with the scaling that the training rows give. */
export interface Source {
  readonly name: string;
  /** One sample: [height, width, channels] of images, [features] of a table. */
  readonly shape: readonly number[];
  /** Raw values of a sample. */
  readonly features: number;
  /** How many numbers the model sees of it. */
  readonly encoded: number;
  /** Of the columns of a table that says them. */
  readonly names: readonly string[] | null;
  /** The column that said what is anomalous or of which class; the model does not see it. */
  readonly label: string | null;
  /** The other columns that the model does not see. */
  readonly excluded: readonly { name: string; why: string }[];
  readonly scaling: Scaling;
  /** The values that are accepted; null for any number. */
  readonly range: [number, number] | null;
  readonly train: Dataset;
  readonly validation: Rows;
  readonly calibration: Rows;
  readonly test: Rows;
  /** Class of each test sample, as an index into `classes`; none without labels. */
  readonly labels: Uint8Array | undefined;
  readonly classes: readonly string[];
  /** Of data with a binary label: 1 for each sample that it calls anomalous. */
  readonly anomalous:
    | { readonly validation: Uint8Array; readonly calibration: Uint8Array; readonly test: Uint8Array }
    | undefined;
  /** Tells these data from others: a checkpoint goes on with the same only. */
  readonly fingerprint: string;
  close(): Promise<void>;
}

/** Of a configuration, what decides how data are read and split. */
type Options = Configuration;

/** What is known of data whose features have no names. */
const UNNAMED = { names: null, label: null, excluded: [], anomalous: undefined } as const;

/** The name of the data set that comes with the program. */
export const MNIST = 'mnist';

/** Opens `mnist` or a .npy file. Throws a {@link DataError} that says what is wrong with it. */
export function openSource(
  data: string,
  options: Options,
  onProgress?: (done: number, of: number) => void,
): Promise<Source> {
  if (data === MNIST) return mnistSource(options);
  if (extname(data) === '.npy') return npySource(data, options, onProgress);
  throw new DataError(`${data}: the data are ${MNIST} or a .npy file`);
}

/** The name that a bundle of these data has unless another is given. */
export const dataName = (data: string): string =>
  data === MNIST ? MNIST : basename(data, extname(data)).replace(/[^\w.-]/g, '_');

/** A matrix in memory as a source. Rows of images say their `shape`. Throws as {@link openSource} does. */
export async function matrixSource(
  values: Uint8Array | Float32Array,
  shape: readonly number[],
  options: Options,
  name = 'matrix',
): Promise<Source> {
  const all = new MemoryDataset(values, shape);
  const { features } = all;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      throw new DataError(
        `row ${Math.floor(i / features)}, column ${i % features} is ${value}: only finite numbers are accepted`,
      );
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return splitSource(
    {
      path: name,
      dtype: values instanceof Uint8Array ? '|u1' : '<f4',
      count: all.count,
      shape,
      features,
      min,
      max,
      inMemory: true,
      without: (heldOut) => new MemoryDataset(values, shape, remaining(all.count, heldOut)),
      rows: async (indices) => new MemoryDataset(values, shape, indices),
      close: async () => {},
    },
    name,
    createHash('sha256').update(bytesOf(values)).digest('hex'),
    options,
  );
}

async function mnistSource(options: Options): Promise<Source> {
  for (const key of ['shape', 'scaling', 'range', 'test'] as const) {
    if (options[key] === undefined) continue;
    throw new DataError(
      `${key} is given: of MNIST it is known (bytes of 28 × 28 × 1, with 10,000 test images of its own)`,
    );
  }
  const { seed = 1, limit, validation = 2000, calibration = 4000 } = options;
  const images = await loadMnist('train');
  const held = await loadMnist('test');
  const shape = [images.height, images.width, 1];
  const features = images.height * images.width;
  if (validation + calibration >= images.count) {
    throw new DataError(
      `MNIST has ${images.count} training images: ${validation} for validation and ${calibration} for calibration leave none`,
    );
  }
  const order = new Random(seed).shuffle(new Uint32Array(images.count).map((_, i) => i));
  const kept = order.subarray(validation + calibration).slice(0, limit);
  const rowsOf = (indices: Uint32Array) => taken(new MemoryDataset(images.data, shape, indices), Uint8Array);
  return {
    name: 'MNIST',
    shape,
    features,
    encoded: features,
    ...UNNAMED,
    scaling: { kind: 'range', low: 0, high: 255 },
    range: [0, 255],
    train: new MemoryDataset(images.data, shape, kept),
    validation: await rowsOf(order.subarray(0, validation)),
    calibration: await rowsOf(order.subarray(validation, validation + calibration)),
    test: { data: held.data, count: held.count },
    labels: held.labels,
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    fingerprint: 'mnist',
    close: async () => {},
  };
}

async function npySource(path: string, options: Options, onProgress?: (done: number, of: number) => void) {
  const opened = await openData(path, { onProgress });
  try {
    return await splitSource(opened, dataName(path), await fingerprint(path), options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function splitSource(data: Data, name: string, mark: string, options: Options): Promise<Source> {
  const { seed = 1, limit } = options;
  const shape = sampleShape(data, options.shape);
  const sizes = heldOutSizes(data.count, options);
  const random = new Random(seed);
  const held = split(data.count, sizes, random);
  const lists = [held.validation, held.calibration, held.test];
  if (limit !== undefined) {
    const order = random.shuffle(remaining(data.count, lists));
    lists.push(order.subarray(limit).sort());
  }
  const train = data.without(lists);
  const { scaling, range } = await scalingOf(data, train, options);
  const bytes = data.dtype === '|u1';
  const rows = async (indices: Uint32Array) =>
    taken(await data.rows(indices), bytes ? Uint8Array : Float32Array);
  return {
    name,
    shape,
    features: data.features,
    encoded: data.features,
    ...UNNAMED,
    scaling,
    range,
    train,
    validation: await rows(held.validation),
    calibration: await rows(held.calibration),
    test: await rows(held.test),
    labels: undefined,
    classes: [],
    fingerprint: mark,
    close: async () => {
      await train.close();
      await data.close();
    },
  };
}

/** N × H × W is an image of one channel; what the file says can be said otherwise, as long as it fits. */
function sampleShape({ path, shape, features }: Data, given: readonly number[] | undefined): number[] {
  if (given) {
    if (given.reduce((a, b) => a * b, 1) !== features) {
      throw new DataError(
        `${path}: a sample has ${features} values, which --shape ${given.join(',')} does not fit`,
      );
    }
    return [...given];
  }
  return shape.length === 2 ? [...shape, 1] : shape.length <= 3 ? [...shape] : [features];
}

/** Unless given: a tenth to validate, a fifth to calibrate and to test, within bounds. */
function heldOutSizes(count: number, given: Options): HeldOutSizes {
  const part = (share: number, most: number) => Math.max(1, Math.min(most, Math.floor(share * count)));
  return {
    validation: given.validation ?? part(0.1, 2000),
    calibration: given.calibration ?? part(0.15, 4000),
    test: given.test ?? part(0.2, 10_000),
  };
}

async function scalingOf(
  data: Data,
  train: Dataset,
  options: Options,
): Promise<{ scaling: Scaling; range: Source['range'] }> {
  const { path, dtype, min, max } = data;
  const bytes = dtype === '|u1';
  const kind = options.scaling ?? (options.range || bytes || (min >= 0 && max <= 1) ? 'range' : 'standard');
  if (kind === 'range') {
    const natural: [number, number] = bytes ? [0, 255] : min >= 0 && max <= 1 ? [0, 1] : [min, max];
    const [low, high] = options.range ?? natural;
    if (!(low < high)) throw new DataError(`${path}: the range ${low} to ${high} is empty: --range low,high`);
    if (min < low || max > high) {
      throw new DataError(
        `${path}: values go from ${min} to ${max}, beyond the range ${low} to ${high}: set --range`,
      );
    }
    return { scaling: { kind, low, high }, range: [low, high] };
  }
  const found = await statistics(train);
  // A constant feature tells nothing, and stays at 0 when centred.
  const deviation = Array.from(found.deviation, (d) => (d > 0 ? Math.fround(d) : 1));
  return { scaling: { kind, mean: Array.from(found.mean, Math.fround), deviation }, range: null };
}

/** All samples of a data set, in memory. */
async function taken(dataset: Dataset, type: typeof Uint8Array | typeof Float32Array): Promise<Rows> {
  const { count, features } = dataset;
  const values = new Float32Array(count * features);
  const waiting = dataset.read(0, count, values);
  if (waiting) await waiting;
  await dataset.close();
  return { data: type === Uint8Array ? Uint8Array.from(values) : values, count };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const PIECES = 16;
const PIECE_BYTES = 65_536;

/** SHA-256 of a file's length and of pieces spread over it: all of a small file, little of a large one. */
async function fingerprint(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256').update(String(size));
    const buffer = new Uint8Array(PIECE_BYTES);
    for (let i = 0; i < PIECES; i++) {
      const at = Math.floor((Math.max(0, size - PIECE_BYTES) * i) / (PIECES - 1));
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, at);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

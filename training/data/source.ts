import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { LEVELS } from '../../bundle/calibration.ts';
import { encodedWidth } from '../../bundle/columns.ts';
import type { Scaling } from '../../bundle/manifest.ts';
import { reason } from '../../bundle/system.ts';
import { Random } from '../../kernels/random.ts';
import { canonicalOf } from '../config/presets.ts';
import type { Configuration } from '../config/schema.ts';
import { type Dataset, MemoryDataset } from './datasets/dataset.ts';
import { DataError } from './datasets/error.ts';
import { type Data, type OpenOptions, openData } from './datasets/open.ts';
import { type HeldOut, type HeldOutSizes, remaining, split } from './datasets/split.ts';
import { statistics } from './datasets/statistics.ts';
import { ACCEPTED, dataName, MNIST } from './names.ts';
import { isTable } from './readers/duckdb.ts';
import { type IdxArray, parseIdx } from './readers/idx.ts';
import { readImages } from './readers/images.ts';
import { loadMnist } from './readers/mnist.ts';
import { openTable } from './tables/table.ts';

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
  /** Which row of the data each test sample is, counted from 0; of MNIST, which has test images of its own, of these. */
  readonly ids: Uint32Array;
  /** Class of each test sample, as an index into `classes`; none without labels. */
  readonly labels: Uint8Array | undefined;
  readonly classes: readonly string[];
  /** Of data with a binary label: 1 for each test sample that it calls anomalous. */
  readonly anomalous: Uint8Array | undefined;
  /** Tells these data from others: a checkpoint goes on with the same only. */
  readonly fingerprint: string;
  close(): Promise<void>;
}

/** Of a configuration, what decides how data are read and split. */
type Options = Configuration;

/** What is known of data whose features have no names. */
const UNNAMED = { names: null, label: null, excluded: [], anomalous: undefined } as const;

const TABLE_OPTIONS = ['label', 'anomalous', 'types', 'exclude'] as const;

const IDX = /idx\d-ubyte(\.gz)?$|\.idx(\.gz)?$/i;

export const isIdx = (path: string): boolean => IDX.test(path);

/** Opens {@link ACCEPTED}. Throws a {@link DataError} that says what is wrong with it. */
export async function openSource(
  data: string,
  options: Options,
  open: OpenOptions | OpenOptions['onProgress'] = {},
): Promise<Source> {
  const how = typeof open === 'function' ? { onProgress: open } : open;
  if (isTable(data)) return tableSource(data, options, how);
  for (const key of TABLE_OPTIONS) {
    if (options[key] !== undefined) throw new DataError(`${key} is given, but ${data} has no named columns`);
  }
  if (data === MNIST) return mnistSource(options);
  if (extname(data) === '.npy') return npySource(data, options, how);
  if (isIdx(data)) return idxSource(data, options);
  const found = await stat(data).catch(() => undefined);
  if (found?.isDirectory()) return folderSource(data, options, how.onProgress);
  throw new DataError(`${data}${found ? '' : ' is not there, and'} is not data that are read: ${ACCEPTED}`);
}

/** A matrix in memory as a source. Rows of images say their `shape`. Throws as {@link openSource} does. */
export async function matrixSource(
  values: Uint8Array | Float32Array,
  shape: readonly number[],
  options: Options,
  name = 'matrix',
  labels?: Labels,
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
    labels,
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
    scaling: { kind: 'range', low: 0, high: 255, canonical: canonicalOf(options, shape) },
    range: [0, 255],
    train: new MemoryDataset(images.data, shape, kept),
    validation: await rowsOf(order.subarray(0, validation)),
    calibration: await rowsOf(order.subarray(validation, validation + calibration)),
    test: { data: held.data, count: held.count },
    ids: new Uint32Array(held.count).map((_, i) => i),
    labels: held.labels,
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    fingerprint: 'mnist',
    close: async () => {},
  };
}

/** Images of an IDX file, with their classes if the file of labels that belongs to it is beside it. */
async function idxSource(path: string, options: Options): Promise<Source> {
  const { images, labels } = await readIdx(path);
  const [, ...shape] = images.shape;
  if (!labels) return matrixSource(images.data, shape, options, dataName(path));
  const most = labels.data.reduce((a, b) => Math.max(a, b), 0);
  const classes = Array.from({ length: most + 1 }, (_, i) => String(i));
  return matrixSource(images.data, shape, options, dataName(path), { labels: labels.data, classes });
}

/** The images of an IDX file, and the labels in the file that belongs to it, if that is beside it. */
export async function readIdx(path: string): Promise<{ images: IdxArray; labels: IdxArray | undefined }> {
  const images = parseIdx(await unzipped(path), path);
  const [count, ...shape] = images.shape;
  if (shape.length === 0) throw new DataError(`${path}: these are labels: name the file of images`);
  const beside = path.replace(/images([-.])idx\d/, 'labels$1idx1');
  const there = beside !== path && (await stat(beside).catch(() => undefined));
  if (!there) return { images, labels: undefined };
  const labels = parseIdx(await unzipped(beside), beside);
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new DataError(`${beside}: ${labels.shape.join(' × ')} labels, ${path} has ${count} images`);
  }
  return { images, labels };
}

async function unzipped(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error) => {
    throw new DataError(`${path} cannot be read: ${reason(error)}`);
  });
  if (!path.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new DataError(`${path} is no whole gzip file: ${(error as Error).message}`);
  }
}

async function folderSource(
  folder: string,
  options: Options,
  onProgress: OpenOptions['onProgress'],
): Promise<Source> {
  const { values, shape, labels, classes } = await readImages(folder, options.shape, onProgress);
  return matrixSource(values, shape, options, dataName(folder), labels && { labels, classes });
}

/** A table of named columns. */
async function tableSource(path: string, options: Options, open: OpenOptions): Promise<Source> {
  for (const key of ['shape', 'range', 'pose', 'smoothing'] as const) {
    if (options[key] !== undefined) throw new DataError(`${key} is given: ${path} is a table of columns`);
  }
  if (options.scaling === 'range') {
    throw new DataError(
      `${path}: scaling range is of images and matrices: of a table auto, standard, robust, quantile`,
    );
  }
  let held: HeldOut | undefined;
  const table = await openTable(
    path,
    options,
    (count) => {
      const found = splitRows(path, count, options);
      held = found.held;
      return found;
    },
    open,
  );
  try {
    const { validation, calibration, test } = held!;
    const columns = [...table.columns];
    const rows = async (indices: Uint32Array) => ({ data: await table.rows(indices), count: indices.length });
    const { label, anomalous, excluded, train } = table;
    const tested = anomalous && Uint8Array.from(test, (row) => anomalous[row]);
    return {
      name: dataName(path),
      shape: [columns.length],
      features: columns.length,
      encoded: encodedWidth(columns),
      names: columns.map(({ name }) => name),
      label: label?.name ?? null,
      excluded,
      scaling: { kind: 'columns', columns },
      range: null,
      train,
      validation: await rows(validation),
      calibration: await rows(calibration),
      test: await rows(test),
      ids: test,
      labels: tested,
      classes: label?.classes ?? [],
      anomalous: tested,
      fingerprint: await fingerprint(path),
      close: async () => {
        await train.close();
        await table.close();
      },
    };
  } catch (error) {
    await table.close();
    throw error;
  }
}

/** What is known of each row beside its values: its class, an index into `classes`. */
interface Labels {
  labels: Uint8Array;
  classes: readonly string[];
}

/** Draws, by the seed, the rows that are held out, and of the others those beyond the limit, which are for nothing. */
function splitRows(path: string, count: number, options: Options): { held: HeldOut; unused: Uint32Array } {
  const { seed = 1, limit } = options;
  const random = new Random(seed);
  let held: HeldOut;
  try {
    held = split(count, heldOutSizes(count, options), random);
  } catch (error) {
    throw error instanceof DataError ? new DataError(`${path}: ${error.message}`) : error;
  }
  if (limit === undefined) return { held, unused: new Uint32Array(0) };
  const order = random.shuffle(remaining(count, [held.validation, held.calibration, held.test]));
  return { held, unused: order.subarray(limit).sort() };
}

async function npySource(path: string, options: Options, open: OpenOptions): Promise<Source> {
  const opened = await openData(path, open);
  try {
    return await splitSource(opened, dataName(path), await fingerprint(path), options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function splitSource(
  data: Data,
  name: string,
  mark: string,
  options: Options,
  known?: Labels,
): Promise<Source> {
  if (data.min === data.max) {
    throw new DataError(`${data.path}: every value is ${data.min}: there is nothing to learn`);
  }
  const shape = sampleShape(data, options.shape);
  const { held, unused } = splitRows(data.path, data.count, options);
  const train = data.without([held.validation, held.calibration, held.test, unused]);
  const { scaling, range } = await scalingOf(data, train, options, shape);
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
    ids: held.test,
    labels: known && Uint8Array.from(held.test, (row) => known.labels[row]),
    classes: known?.classes ?? [],
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

/** Fewer calibration scores have no threshold at any of the levels: the smallest p-value is 1 / (n + 1). */
export const LEAST_CALIBRATION = Math.ceil(1 / Math.max(...LEVELS) - 1);

/**
 * Unless given: a tenth to validate, 15 % to calibrate, a fifth to test, within bounds; to calibrate at least
 * {@link LEAST_CALIBRATION}, if two rows are left to train on.
 */
function heldOutSizes(count: number, given: Options): HeldOutSizes {
  const part = (share: number, most: number) => Math.max(1, Math.min(most, Math.floor(share * count)));
  const validation = given.validation ?? part(0.1, 2000);
  const test = given.test ?? part(0.2, 10_000);
  const least = Math.min(LEAST_CALIBRATION, count - validation - test - 2);
  return { validation, calibration: given.calibration ?? Math.max(least, part(0.15, 4000)), test };
}

async function scalingOf(
  data: Data,
  train: Dataset,
  options: Options,
  shape: readonly number[],
): Promise<{ scaling: Scaling; range: Source['range'] }> {
  const { path, dtype, min, max } = data;
  const bytes = dtype === '|u1';
  const { scaling: given = 'auto' } = options;
  if (given === 'robust' || given === 'quantile') {
    throw new DataError(`${path}: scaling ${given} is of tables: of images and matrices range or standard`);
  }
  const suited = options.range || bytes || (min >= 0 && max <= 1) ? 'range' : 'standard';
  const kind = given === 'auto' ? suited : given;
  const canonical = canonicalOf(options, shape);
  if (kind === 'range') {
    const natural: [number, number] = bytes ? [0, 255] : min >= 0 && max <= 1 ? [0, 1] : [min, max];
    const [low, high] = options.range ?? natural;
    if (!(low < high)) throw new DataError(`${path}: the range ${low} to ${high} is empty: --range low,high`);
    if (min < low || max > high) {
      throw new DataError(
        `${path}: values go from ${min} to ${max}, beyond the range ${low} to ${high}: set --range`,
      );
    }
    return { scaling: { kind, low, high, canonical }, range: [low, high] };
  }
  if (canonical) {
    throw new DataError(`${path}: pose and smoothing need brightness from dark to light: --scaling range`);
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

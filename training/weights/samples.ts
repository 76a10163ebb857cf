import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { DataError } from '../data/datasets/error.ts';
import { listRemaining } from '../data/datasets/split.ts';
import { openRows } from '../data/input/open.ts';
import type { RowFile } from '../data/input/row-file.ts';
import { MNIST } from '../data/readers/formats.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { openSource } from '../data/source.ts';
import { drawSplit } from '../data/sources/held-out.ts';
import { toWord } from '../data/tables/label-classes.ts';
import type { Samples } from '../network/samples.ts';
import type { Matrix } from '../runtime/rows.ts';

/** Samples of the data that a model was trained on, by what they were used for. */
export interface OwnSamples {
  /** Some of those that it learned from. */
  readonly train: Matrix;
  readonly calibration: Samples;
  readonly test: Samples;
  /** For each test sample, 1 if the label says anomalous, else 0; undefined without a label. */
  readonly anomalous: Uint8Array | undefined;
}

/** Training samples that are enough to tell how the inputs of products vary. */
const TRAINED = 2000;
/** Rows that are read at a time. */
const BATCH = 8192;

/**
 * Reads the samples that a model was calibrated and tested on from the data that it was trained on: the seed and the
 * sizes in the manifest say which rows they are. Throws a {@link DataError} if the data cannot be read or has too few
 * rows.
 */
export async function readOwnSamples(
  data: string,
  { data: described, training }: Manifest,
): Promise<OwnSamples> {
  const { train: _, ...sizes } = described.splits;
  const { seed } = training;
  return data === MNIST && isMnist(described)
    ? readDigits({ seed, validation: sizes.validation, calibration: sizes.calibration })
    : readRows(data, described, { seed, ...sizes });
}

async function readDigits(split: {
  seed: number;
  validation: number;
  calibration: number;
}): Promise<OwnSamples> {
  const { train, calibration, test, features } = await openSource(MNIST, split);
  const n = Math.min(train.count, TRAINED);
  const values = new Float32Array(n * features);
  await train.read(0, n, values);
  return { train: { values, n, d: features }, calibration, test, anomalous: undefined };
}

/** The rows of a file in the order of the file, with their labels for a table that has some. */
function openOwn(path: string, data: Manifest['data']): Promise<RowFile> {
  return openRows(path, data, kindOf(data) !== 'table' || data.label === null ? [] : [data.label]);
}

async function readRows(
  path: string,
  data: Manifest['data'],
  split: { seed: number; validation: number; calibration: number; test: number },
): Promise<OwnSamples> {
  const count = await countRows(path, data);
  const needed = Object.values(data.splits).reduce((sum, size) => sum + size, 0);
  if (count < needed) {
    throw new DataError(
      `${path} has ${count} rows: the model was trained on at least ${needed.toLocaleString('en')} rows`,
    );
  }
  const { heldOut } = drawSplit(path, count, split);
  const others = listRemaining(count, [heldOut.validation, heldOut.calibration, heldOut.test]);
  const n = Math.min(others.length, TRAINED);
  const train = new Picked(
    Uint32Array.from({ length: n }, (_, i) => others[Math.floor((i * others.length) / n)]),
    data.features,
  );
  const calibration = new Picked(heldOut.calibration, data.features);
  const test = new Picked(heldOut.test, data.features);
  const labels: string[] = [];
  await using rows = await openOwn(path, data);
  await rows.read((values, size, start, [column]) => {
    for (const part of [train, calibration]) part.take(values, start, size);
    const taken = test.take(values, start, size);
    if (column) for (const row of taken) labels.push(toWord(String(column[row - start] ?? '')));
  }, BATCH);
  const word = toWord(data.classes[1] ?? '');
  return {
    train: { values: train.data, n, d: data.features },
    calibration,
    test,
    anomalous: labels.length > 0 ? Uint8Array.from(labels, (label) => Number(label === word)) : undefined,
  };
}

async function countRows(path: string, data: Manifest['data']): Promise<number> {
  await using rows = await openOwn(path, data);
  return await rows.read(() => {}, BATCH);
}

/** Some rows of a file, ascending, which are collected while all of them pass. */
class Picked implements Samples {
  readonly data: Float32Array;
  readonly count: number;
  readonly #rows: Uint32Array;
  #taken = 0;

  constructor(rows: Uint32Array, features: number) {
    this.#rows = rows;
    this.count = rows.length;
    this.data = new Float32Array(rows.length * features);
  }

  /** Takes what is wanted of the rows from `start` on, and returns their numbers. */
  take(values: Float32Array, start: number, size: number): Uint32Array {
    const features = values.length / size;
    const first = this.#taken;
    for (; this.#rows[this.#taken] < start + size; this.#taken++) {
      const at = (this.#rows[this.#taken] - start) * features;
      this.data.set(values.subarray(at, at + features), this.#taken * features);
    }
    return this.#rows.subarray(first, this.#taken);
  }
}

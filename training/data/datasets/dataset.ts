import type { RawValues } from '../../../bundle/npy/dtype.ts';
import type { Random } from '../../../kernels/random.ts';
import { DataError } from './error.ts';
import { assertRows } from './split.ts';

/** Samples to train on, in an order that is drawn anew for each epoch. */
export interface Dataset extends AsyncDisposable {
  readonly count: number;
  /** One sample's shape, e.g. [28, 28, 1] or [30]; features is its product. */
  readonly shape: readonly number[];
  readonly features: number;
  /**
   * Sets the order of the samples for an epoch, drawn from `random`. It depends only on the state of `random`, not on
   * earlier epochs. Before the first call the samples are in the order of the data.
   */
  shuffle(random: Random): void;
  /**
   * Writes samples start … start + size of the current order into `target` (size × features, row-major, raw values as
   * float32). Returns a promise only if it has to wait for the disk. Only one read at a time.
   */
  read(start: number, size: number, target: Float32Array): void | Promise<void>;
  close(): Promise<void>;
}

/** Samples in memory: `values`, N × features, row-major. They are neither copied nor checked. */
export class MemoryDataset implements Dataset {
  readonly count: number;
  readonly shape: readonly number[];
  readonly features: number;
  readonly #values: RawValues;
  /** The rows in use; undefined for all. */
  readonly #rows: Uint32Array | undefined;
  readonly #order: Uint32Array;

  /** `rows` are the indices of the rows to use; all of them by default. */
  constructor(values: RawValues, shape: readonly number[], rows?: Uint32Array) {
    this.shape = shape;
    this.features = shape.reduce((a, b) => a * b, 1);
    const total = values.length / this.features;
    if (!Number.isInteger(total)) {
      throw new DataError(`${values.length} values are not whole samples of ${shape.join(' × ')}`);
    }
    this.count = rows?.length ?? total;
    if (rows) assertRows(rows, total);
    this.#values = values;
    this.#rows = rows;
    this.#order = rows?.slice() ?? new Uint32Array(total).map((_, i) => i);
  }

  shuffle(random: Random): void {
    if (this.#rows) this.#order.set(this.#rows);
    else for (let i = 0; i < this.count; i++) this.#order[i] = i;
    random.shuffle(this.#order);
  }

  read(start: number, size: number, target: Float32Array): void {
    assertWithin(this, start, size, target);
    const { features } = this;
    for (let i = 0; i < size; i++) {
      const from = this.#order[start + i] * features;
      target.set(this.#values.subarray(from, from + features), i * features);
    }
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Throws a RangeError unless samples start … start + size exist and fit into `target`. */
export function assertWithin(dataset: Dataset, start: number, size: number, target: Float32Array): void {
  const { count, features } = dataset;
  if (!(start >= 0 && size >= 0 && start + size <= count)) {
    throw new RangeError(`samples ${start} to ${start + size} are asked for, there are ${count}`);
  }
  if (target.length < size * features) {
    throw new RangeError(`${size} samples take ${size * features} values, the target has ${target.length}`);
  }
}

import type { Random } from '../../../kernels/random.ts';
import type { Values } from './dtype.ts';
import { DataError } from './error.ts';
import { assertRows } from './split.ts';

/** Samples to train on or to evaluate, in an order that can be drawn afresh for each epoch. */
export interface Dataset {
  readonly count: number;
  /** One sample's shape, e.g. [28, 28, 1] or [30]; features is its product. */
  readonly shape: readonly number[];
  readonly features: number;
  /**
   * Sets the order of the samples for an epoch, drawn from `random`: a function of its state alone, not of
   * earlier epochs. Before the first call the samples come in the order of the data.
   */
  shuffle(random: Random): void;
  /**
   * Writes samples start … start + size of the current order into `target` (size × features, row-major, raw
   * units as float32). A promise only if it has to wait for the disk; one read at a time.
   */
  read(start: number, size: number, target: Float32Array): void | Promise<void>;
  close(): Promise<void>;
}

/** Samples in memory: `values`, N × features, row-major, which are neither copied nor checked. */
export class MemoryDataset implements Dataset {
  readonly count: number;
  readonly shape: readonly number[];
  readonly features: number;
  readonly #values: Values;
  /** The rows in use, if not all are. */
  readonly #rows: Uint32Array | undefined;
  readonly #order: Uint32Array;

  /** `rows` are the indices of the rows in use, all of them if not given. */
  constructor(values: Values, shape: readonly number[], rows?: Uint32Array) {
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

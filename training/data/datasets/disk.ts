import { Random } from '../../../kernels/random.ts';
import { assertWithin, type Dataset } from './dataset.ts';
import { DataError } from './error.ts';
import type { NpyFile } from './npy.ts';
import { assertRows, merge } from './split.ts';
import { WindowMemory } from './window.ts';

export interface DiskOptions {
  /** Rows to leave out: disjoint lists. */
  heldOut?: readonly Uint32Array[];
  /** The memory to use in all, in bytes. The order of an epoch depends on it. */
  memory?: number;
}

/** The default of {@link DiskOptions.memory}. */
export const DISK_MEMORY = 256 * 2 ** 20;

/** Largest block of rows that is read at once, in bytes. */
const BLOCK_BYTES = 4 * 2 ** 20;

/** Fewest blocks in a window, unless a block is a single row: with less memory, blocks are smaller. */
const FEWEST_BLOCKS = 16;

/** Bytes for a row's index in the order of its window. */
const INDEX_BYTES = 4;

/** Bytes for a block's entries in the lists of blocks and windows. */
const LISTED_BYTES = 20;

/**
 * Samples in a .npy file that may be larger than memory. The file is cut into blocks of a few megabytes. An epoch takes
 * them in random order, as many at a time as fit into a window, and visits the rows of a window in random order. While
 * one window is in use, the next one is read. Reading from the middle of an epoch loads only the windows from there on.
 *
 * The caller owns the file and must keep it open until the data set is closed. Reading throws a {@link DataError} with
 * the row and column if a value is not finite, or if the file has changed.
 */
export class DiskDataset implements Dataset {
  readonly count: number;
  readonly shape: readonly number[];
  readonly features: number;
  readonly #file: NpyFile;
  readonly #heldOut: Uint32Array;
  readonly #blockRows: number;
  /** Blocks in a window. */
  readonly #windowBlocks: number;
  /** The blocks with rows in use, in the order of the file, and in the order of the epoch. */
  readonly #blocks: Uint32Array;
  readonly #order: Uint32Array;
  /** The first sample of each window in the epoch, then the number of samples. */
  readonly #starts: Float64Array;
  /** The seed of each window's order; none before the first shuffle. */
  #seeds: Uint32Array | undefined;
  /** The window in use and the one that is being read ahead. */
  readonly #slots: readonly WindowMemory[];
  #reading = false;
  #closed = false;

  constructor(file: NpyFile, { heldOut = [], memory = DISK_MEMORY }: DiskOptions = {}) {
    this.#file = file;
    this.shape = file.shape;
    this.features = file.features;
    this.#heldOut = merge(heldOut);
    this.count = file.count - this.#heldOut.length;
    assertRows(this.#heldOut, file.count);
    if (this.count === 0) throw new DataError(`${file.path}: all ${file.count} rows are held out`);
    const { blockRows, windowBlocks } = plan(file, memory);
    if (windowBlocks < 1) {
      let enough = Math.max(1, memory);
      while (plan(file, enough).windowBlocks < 1) enough *= 2;
      throw new DataError(
        `${file.path}: ${memory} bytes of memory are too few for ${file.count} rows of ${file.rowBytes} bytes ` +
          `each: ${enough} are enough`,
      );
    }
    this.#blockRows = blockRows;
    this.#windowBlocks = windowBlocks;
    const blocks = Math.ceil(file.count / blockRows);
    this.#blocks = new Uint32Array(blocks).map((_, i) => i).filter((block) => this.#countInUse(block) > 0);
    this.#order = this.#blocks.slice();
    this.#starts = new Float64Array(Math.ceil(this.#blocks.length / this.#windowBlocks) + 1);
    const rows = windowBlocks * blockRows;
    this.#slots = [new WindowMemory(file, rows), new WindowMemory(file, rows)];
    this.#layOut();
  }

  shuffle(random: Random): void {
    this.#assertFree();
    this.#order.set(this.#blocks);
    random.shuffle(this.#order);
    this.#seeds = new Uint32Array(this.#starts.length - 1).map(() => random.bits());
    for (const slot of this.#slots) slot.drop();
    this.#layOut();
  }

  read(start: number, size: number, target: Float32Array): void | Promise<void> {
    this.#assertFree();
    assertWithin(this, start, size, target);
    if (size === 0) return;
    const window = this.#windowOf(start);
    const slot = this.#slots.find((slot) => slot.window === window && slot.ready);
    if (!slot || start + size > this.#starts[window + 1]) return this.#readSlowly(start, size, target);
    this.#gather(slot, start, size, target, 0);
    this.#readAhead(slot);
  }

  /** Frees the memory; the file stays open. A second call does nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.map((slot) => slot.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Reads samples that are not in memory, or that lie in more than one window. */
  async #readSlowly(start: number, size: number, target: Float32Array): Promise<void> {
    this.#reading = true;
    try {
      for (let done = 0; done < size; ) {
        const slot = await this.#load(this.#windowOf(start + done));
        const rows = Math.min(size - done, this.#starts[slot.window + 1] - start - done);
        this.#gather(slot, start + done, rows, target, done);
        this.#readAhead(slot);
        done += rows;
      }
    } finally {
      this.#reading = false;
    }
  }

  async #load(window: number): Promise<WindowMemory> {
    const slot = this.#slots.find((slot) => slot.window === window) ?? this.#slots[0];
    if (slot.window !== window) this.#fill(slot, window);
    await slot.filled;
    if (slot.window !== window) throw new Error('the data set was closed while it was read');
    return slot;
  }

  #readAhead({ window }: WindowMemory): void {
    const next = window + 1;
    if (next === this.#starts.length - 1 || this.#slots.some((slot) => slot.window === next)) return;
    this.#fill(this.#slots.find((slot) => slot.window !== window)!, next);
  }

  #fill(slot: WindowMemory, window: number): void {
    const first = window * this.#windowBlocks;
    const blocks = this.#order.slice(first, first + this.#windowBlocks);
    slot.fill(window, blocks, this.#blockRows, (order) => {
      const rows = this.#listRowsInUse(blocks, order);
      if (this.#seeds) new Random(this.#seeds[window]).shuffle(rows);
    });
  }

  /** Lists in `order` the rows of a window that are not held out, as row numbers in its buffer. */
  #listRowsInUse(blocks: Uint32Array, order: Uint32Array): Uint32Array {
    let n = 0;
    for (const [i, block] of blocks.entries()) {
      const start = block * this.#blockRows;
      const end = Math.min(start + this.#blockRows, this.#file.count);
      let next = lowerBound(this.#heldOut, start);
      for (let row = start; row < end; row++) {
        if (this.#heldOut[next] === row) next++;
        else order[n++] = i * this.#blockRows + row - start;
      }
    }
    return order.subarray(0, n);
  }

  #gather(slot: WindowMemory, start: number, size: number, target: Float32Array, at: number): void {
    const { features, dtype } = this.#file;
    const first = start - this.#starts[slot.window];
    const { elements, order } = slot;
    for (let i = 0; i < size; i++) {
      dtype.copy(elements, order[first + i] * features, features, target, (at + i) * features);
    }
    const values = target.subarray(at * features, (at + size) * features);
    this.#file.assertFinite(values, elements, (i) => {
      const row = order[first + i];
      const block = this.#order[slot.window * this.#windowBlocks + Math.floor(row / this.#blockRows)];
      return [block * this.#blockRows + (row % this.#blockRows), row];
    });
  }

  /** Counts the samples of a block that are not held out. */
  #countInUse(block: number): number {
    const start = block * this.#blockRows;
    const end = Math.min(start + this.#blockRows, this.#file.count);
    return end - start - (lowerBound(this.#heldOut, end) - lowerBound(this.#heldOut, start));
  }

  /** Finds the first sample of each window. */
  #layOut(): void {
    let start = 0;
    for (const [i, block] of this.#order.entries()) {
      start += this.#countInUse(block);
      this.#starts[Math.floor(i / this.#windowBlocks) + 1] = start;
    }
  }

  #windowOf(sample: number): number {
    return lowerBound(this.#starts, sample + 1) - 1;
  }

  #assertFree(): void {
    if (this.#closed) throw new Error('the data set is closed');
    if (this.#reading) throw new Error('the last read has not finished: await it');
  }
}

/** Chooses the rows in a block and the blocks in a window; less than 1 block if the memory is too small. */
function plan(file: NpyFile, memory: number): { blockRows: number; windowBlocks: number } {
  const rowBytes = file.rowBytes + INDEX_BYTES;
  const most = Math.min(BLOCK_BYTES, memory / 2 / FEWEST_BLOCKS);
  const blockRows = Math.min(file.count, Math.max(1, Math.floor(most / rowBytes)));
  const blocks = Math.ceil(file.count / blockRows);
  const window = (memory - LISTED_BYTES * blocks) / 2;
  return { blockRows, windowBlocks: Math.min(blocks, Math.floor(window / (blockRows * rowBytes))) };
}

/** Finds the index of the first of ascending values that is not below `value`. */
function lowerBound(values: Uint32Array | Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

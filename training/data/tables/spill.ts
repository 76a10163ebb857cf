import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NpyWriter } from '../datasets/npy.ts';

/** Raw values as they are read: in memory, or in a temporary .npy file that goes when the process does. */
export interface Spill {
  /** Appends rows; they may change afterwards. */
  write(rows: Float32Array): Promise<void>;
  /** No more rows come; `change` then puts every row as it is to be, in place, rows × features at a time. */
  finish(change: ((rows: Float32Array) => void) | undefined): Promise<void>;
  /** Removes what is on disk. */
  remove(): void;
}

/** All rows in one array: `values` is whole once it is finished. */
export class MemorySpill implements Spill {
  readonly values: Float32Array;
  #length = 0;

  constructor(count: number, features: number) {
    this.values = new Float32Array(count * features);
  }

  async write(rows: Float32Array): Promise<void> {
    this.values.set(rows, this.#length);
    this.#length += rows.length;
  }

  async finish(change: ((rows: Float32Array) => void) | undefined): Promise<void> {
    change?.(this.values);
  }

  remove(): void {}
}

/** Bytes of rows that are changed at a time. */
const BLOCK_BYTES = 4 * 2 ** 20;

/** Rows in a file at `path`, readable once it is finished. */
export class DiskSpill implements Spill {
  readonly path: string;
  readonly #folder: string;
  readonly #features: number;
  readonly #writer: NpyWriter;
  readonly #onExit = () => this.remove();
  #rows = 0;

  static async create(features: number): Promise<DiskSpill> {
    const folder = mkdtempSync(join(tmpdir(), 'offmanifold-table-'));
    try {
      return new DiskSpill(folder, features, await NpyWriter.create(join(folder, 'rows.npy'), [features]));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(folder: string, features: number, writer: NpyWriter) {
    this.path = join(folder, 'rows.npy');
    this.#folder = folder;
    this.#features = features;
    this.#writer = writer;
    process.once('exit', this.#onExit);
  }

  async write(rows: Float32Array): Promise<void> {
    await this.#writer.write(rows);
    this.#rows += rows.length / this.#features;
  }

  async finish(change: ((rows: Float32Array) => void) | undefined): Promise<void> {
    await this.#writer.close();
    if (!change) return;
    const file = await open(this.path, 'r+');
    try {
      const rowBytes = 4 * this.#features;
      let position = (await file.stat()).size - this.#rows * rowBytes;
      const most = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
      const values = new Float32Array(most * this.#features);
      for (let done = 0; done < this.#rows; done += most) {
        const bytes = Math.min(most, this.#rows - done) * rowBytes;
        await file.read(new Uint8Array(values.buffer), 0, bytes, position);
        change(values.subarray(0, bytes / 4));
        await file.write(new Uint8Array(values.buffer), 0, bytes, position);
        position += bytes;
      }
    } finally {
      await file.close();
    }
  }

  remove(): void {
    process.off('exit', this.#onExit);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

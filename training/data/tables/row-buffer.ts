import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { NpyWriter } from '../datasets/npy-writer.ts';
import { TemporaryFolder } from '../datasets/temporary-folder.ts';

/** Raw values while a table is read: in memory, or in a temporary file. */
export interface RowBuffer {
  /** Appends rows; the array may change afterwards. */
  write(rows: Float32Array): Promise<void>;
  /** Ends writing; `change` then edits all rows in place, rows × features at a time. */
  finish(change: ((rows: Float32Array) => void) | undefined): Promise<void>;
}

/** All rows in one array: `values` is complete after `finish`. */
export class MemoryRowBuffer implements RowBuffer {
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
}

/** Largest block of rows that is changed at once, in bytes. */
const BLOCK_BYTES = 4 * 2 ** 20;

/** All rows in a temporary .npy file at `path`, readable after `finish`. Disposing of the buffer removes it. */
export class FileRowBuffer implements RowBuffer, AsyncDisposable {
  readonly path: string;
  readonly #features: number;
  readonly #writer: NpyWriter;
  readonly #resources: AsyncDisposableStack;
  #rows = 0;

  static async create(features: number): Promise<FileRowBuffer> {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(await TemporaryFolder.create('offmanifold-table-'));
    const path = join(folder.path, 'rows.npy');
    const writer = resources.use(await NpyWriter.create(path, [features]));
    return new FileRowBuffer(path, features, writer, resources.move());
  }

  private constructor(path: string, features: number, writer: NpyWriter, resources: AsyncDisposableStack) {
    this.path = path;
    this.#features = features;
    this.#writer = writer;
    this.#resources = resources;
  }

  async write(rows: Float32Array): Promise<void> {
    await this.#writer.write(rows);
    this.#rows += rows.length / this.#features;
  }

  async finish(change: ((rows: Float32Array) => void) | undefined): Promise<void> {
    await this.#writer.close();
    if (!change) return;
    await using file = await open(this.path, 'r+');
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
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

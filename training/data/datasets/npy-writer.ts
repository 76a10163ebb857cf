import { type FileHandle, open } from 'node:fs/promises';
import { formatNpyHeader } from '../../../bundle/npy/header.ts';

/** The dtype of what is written: float32, little-endian. */
const WRITTEN = '<f4';

/**
 * Writes a .npy file of float32 row by row, without knowing the number of rows beforehand. Until `close` the header says
 * 0 rows, so that an incomplete file cannot be mistaken for a complete one.
 */
export class NpyWriter implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #shape: readonly number[];
  readonly #features: number;
  #count = 0;
  #position: number;

  /** `shape` is one sample's; an existing file is overwritten. */
  static async create(path: string, shape: readonly number[]): Promise<NpyWriter> {
    const file = await open(path, 'w');
    try {
      const header = formatNpyHeader(WRITTEN, [0, ...shape]);
      await file.writeFile(header);
      return new NpyWriter(file, shape, header.length);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private constructor(file: FileHandle, shape: readonly number[], position: number) {
    this.#file = file;
    this.#shape = shape;
    this.#features = shape.reduce((a, b) => a * b, 1);
    this.#position = position;
  }

  /** Appends rows, rows × features. They must not change until the promise is fulfilled. */
  async write(rows: Float32Array): Promise<void> {
    if (rows.length % this.#features !== 0) {
      throw new RangeError(`expected whole rows of ${this.#features} values, there are ${rows.length}`);
    }
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, undefined, this.#position);
      done += bytesWritten;
      this.#position += bytesWritten;
    }
    this.#count += rows.length / this.#features;
  }

  /** Writes the number of rows into the header and closes the file. */
  async close(): Promise<void> {
    try {
      await this.#file.write(formatNpyHeader(WRITTEN, [this.#count, ...this.#shape]), 0, undefined, 0);
    } finally {
      await this.#file.close();
    }
  }

  /** Closes the file; without a `close` before, its header still says 0 rows. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

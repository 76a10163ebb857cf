import { type FileHandle, open } from 'node:fs/promises';
import { type DType, type Elements, findNotFinite, type RawValues } from '../../../bundle/npy/dtype.ts';
import { LONGEST_HEADER } from '../../../bundle/npy/header.ts';
import { layOutNpy } from '../../../bundle/npy/layout.ts';
import { valueError } from '../../../bundle/samples.ts';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from './error.ts';
import { assertRows } from './split.ts';

/** A .npy file that is open for reading: N samples of `shape`, given row-major whatever their order in the file. */
export class NpyFile implements AsyncDisposable {
  readonly path: string;
  readonly dtype: DType;
  readonly count: number;
  /** One sample's shape; `features` is its product. */
  readonly shape: readonly number[];
  readonly features: number;
  readonly rowBytes: number;
  readonly #missing: boolean;
  readonly #file: FileHandle;
  readonly #stamp: Stamp;
  readonly #start: number;
  /** Whether the columns are in the file one after the other, as in Fortran order. */
  readonly #byColumn: boolean;
  /** The place in the file of each feature, among those of its row; undefined if they are in order. */
  readonly #places: Uint32Array | undefined;

  /**
   * Opens a file and checks its header and its size. Throws a {@link DataError} if it is not a matrix. With
   * `missing`, NaN stands for a missing value, and values are not checked.
   */
  static async open(path: string, { missing = false } = {}): Promise<NpyFile> {
    const file = await open(path).catch((error) => {
      throw readError(path, error);
    });
    try {
      const head = new Uint8Array(12 + LONGEST_HEADER);
      const { bytesRead } = await file.read(head).catch((error) => {
        throw readError(path, error);
      });
      return new NpyFile(path, file, await readStamp(file), head.subarray(0, bytesRead), missing);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private constructor(path: string, file: FileHandle, stamp: Stamp, head: Uint8Array, missing: boolean) {
    const layout = layOutNpy(head, stamp.size, path);
    this.path = path;
    this.dtype = layout.dtype;
    this.count = layout.count;
    this.shape = layout.shape;
    this.features = layout.features;
    this.rowBytes = layout.features * layout.dtype.bytes;
    this.#missing = missing;
    this.#file = file;
    this.#stamp = stamp;
    this.#start = layout.start;
    this.#byColumn = layout.byColumn;
    this.#places = layout.places;
  }

  /**
   * Reads rows from `start` on, as many as fit into `bytes`, and converts them to this machine's byte order. Throws a
   * {@link DataError} if the file has become shorter.
   */
  async readBytes(start: number, bytes: Uint8Array): Promise<void> {
    if (this.#byColumn) await this.#readColumns(start, bytes);
    else {
      await this.#readAt(this.#start + start * this.rowBytes, bytes);
      if (this.#places) this.#reorder(this.#places, bytes);
    }
    this.dtype.order(bytes);
  }

  /** Reads a part of each column, and puts its values into their rows. */
  async #readColumns(start: number, bytes: Uint8Array): Promise<void> {
    const size = this.dtype.bytes;
    const part = new Uint8Array((bytes.length / this.rowBytes) * size);
    for (let feature = 0; feature < this.features; feature++) {
      const column = this.#places?.[feature] ?? feature;
      await this.#readAt(this.#start + (column * this.count + start) * size, part);
      for (let from = 0, to = feature * size; from < part.length; from += size, to += this.rowBytes) {
        for (let k = 0; k < size; k++) bytes[to + k] = part[from + k];
      }
    }
  }

  /** Puts the features of each row in order. */
  #reorder(places: Uint32Array, bytes: Uint8Array): void {
    const size = this.dtype.bytes;
    const row = new Uint8Array(this.rowBytes);
    for (let start = 0; start < bytes.length; start += this.rowBytes) {
      row.set(bytes.subarray(start, start + this.rowBytes));
      for (const [feature, place] of places.entries()) {
        for (let k = 0; k < size; k++) bytes[start + feature * size + k] = row[place * size + k];
      }
    }
  }

  async #readAt(position: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const wanted = Math.min(bytes.length - done, 2 ** 30);
      const { bytesRead } = await this.#file.read(bytes, done, wanted, position + done).catch((error) => {
        throw readError(this.path, error);
      });
      if (bytesRead === 0) {
        throw new DataError(
          `${this.path}: truncated while it was read: ${position + done} bytes are left of ${this.#stamp.size}`,
        );
      }
      done += bytesRead;
    }
  }

  /**
   * Reads `size` rows from `start` on and converts them into `target`, size × features. `buffer` holds the
   * unconverted rows: at least size × rowBytes. Throws a {@link DataError} for a value that is not finite.
   */
  async read(start: number, size: number, target: RawValues, buffer: ArrayBuffer): Promise<void> {
    await this.readBytes(start, new Uint8Array(buffer, 0, size * this.rowBytes));
    const elements = this.dtype.elements(buffer);
    this.dtype.copy(elements, 0, size * this.features, target, 0);
    this.assertFinite(target.subarray(0, size * this.features), elements, (row) => [start + row, row]);
  }

  /** Reads the rows with these indices, in this order: indices.length × features. Neighbours are read together. */
  async readRows(indices: Uint32Array): Promise<RawValues> {
    const { count, features, rowBytes, dtype } = this;
    assertRows(indices, count);
    const rows = this.allocate(indices.length);
    const most = Math.max(1, Math.floor(RUN_BYTES / rowBytes));
    const gap = Math.max(1, Math.floor(GAP_BYTES / rowBytes));
    const buffer = new ArrayBuffer(Math.min(most, count) * rowBytes);
    const elements = dtype.elements(buffer);
    for (let i = 0, end = 0; i < indices.length; i = end) {
      const start = indices[i];
      while (end < indices.length && indices[end] < start + most) {
        if (end > i && (indices[end] < indices[end - 1] || indices[end] > indices[end - 1] + gap)) break;
        end++;
      }
      const size = indices[end - 1] - start + 1;
      await this.readBytes(start, new Uint8Array(buffer, 0, size * rowBytes));
      for (let k = i; k < end; k++) {
        dtype.copy(elements, (indices[k] - start) * features, features, rows, k * features);
      }
      this.assertFinite(rows.subarray(i * features, end * features), elements, (row) => [
        indices[i + row],
        indices[i + row] - start,
      ]);
    }
    await this.assertUnchanged();
    return rows;
  }

  /** Allocates an array for `rows` rows: bytes if the file holds bytes, else float32. */
  allocate(rows: number): RawValues {
    const length = rows * this.features;
    return this.dtype.kept ? new Uint8Array(length) : new Float32Array(length);
  }

  /**
   * Throws a {@link DataError} that names row and column if converted rows have a value that is not
   * finite. `locate` gives, for a row of `values`, its row in the file and its row in `elements`.
   */
  assertFinite(
    values: RawValues,
    elements: Elements,
    locate: (row: number) => readonly [number, number],
  ): void {
    if (this.#missing || !this.dtype.real || !(values instanceof Float32Array)) return;
    const at = findNotFinite(values);
    if (at < 0) return;
    const column = at % this.features;
    const [row, from] = locate(Math.floor(at / this.features));
    // A double beyond float32 is finite in the file.
    const original = elements instanceof Float64Array ? elements[from * this.features + column] : values[at];
    throw valueError(this.path, row, column, original);
  }

  /** Throws a {@link DataError} if the file has changed since it was opened. */
  async assertUnchanged(): Promise<void> {
    const { size, modified } = await readStamp(this.#file);
    if (size !== this.#stamp.size || modified !== this.#stamp.modified) {
      throw new DataError(
        `${this.path} was changed while it was read: ${this.#stamp.size} bytes before, ${size} now; start again`,
      );
    }
  }

  /** Closes the file; a second call does nothing. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Rows by index are read in runs of at most RUN_BYTES, across gaps of at most GAP_BYTES. */
const RUN_BYTES = 4 * 2 ** 20;
const GAP_BYTES = 64 * 2 ** 10;

interface Stamp {
  readonly size: number;
  readonly modified: bigint;
}

async function readStamp(file: FileHandle): Promise<Stamp> {
  const { size, mtimeNs } = await file.stat({ bigint: true });
  return { size: Number(size), modified: mtimeNs };
}

const readError = (path: string, error: unknown) => new DataError(`${path} cannot be read: ${reason(error)}`);

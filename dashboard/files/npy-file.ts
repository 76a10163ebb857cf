import { DataError } from '../../bundle/error.ts';
import { findNotFinite } from '../../bundle/npy/dtype.ts';
import { LONGEST_HEADER } from '../../bundle/npy/header.ts';
import { layOutNpy, type NpyLayout } from '../../bundle/npy/layout.ts';
import { valueError } from '../../bundle/samples.ts';
import type { NamedFile } from './text-file.ts';

/** Whether a file is NumPy's, by its name. */
export const isNpy = (path: string): boolean => /\.npy$/i.test(path);

/** The samples of a .npy file in a browser. */
export interface NpyRows extends Pick<NpyLayout, 'count' | 'shape' | 'features'> {
  /** Reads all rows in their order, so many at a time. The array is used again for the next ones. */
  read(
    batch: number,
    onRows: (rows: Float32Array, count: number, start: number) => Promise<void>,
  ): Promise<void>;
}

/** Opens a .npy file. Throws a {@link DataError} that names the file if it is not a matrix of samples. */
export async function openNpy({ path, blob }: NamedFile): Promise<NpyRows> {
  const head = await bytesOf(path, blob.slice(0, 12 + LONGEST_HEADER));
  const layout = layOutNpy(head, blob.size, path);
  const { count, shape, features, dtype, start: first, byColumn, places } = layout;
  const size = dtype.bytes;

  /** The bytes of some rows as the file has them, but each feature at its place. */
  async function readRows(start: number, rows: number): Promise<Uint8Array<ArrayBuffer>> {
    const slice = (from: number, elements: number) =>
      bytesOf(path, blob.slice(first + from * size, first + (from + elements) * size));
    if (!byColumn && !places) return slice(start * features, rows * features);
    const bytes = new Uint8Array(rows * features * size);
    const whole = byColumn ? undefined : await slice(start * features, rows * features);
    for (let feature = 0; feature < features; feature++) {
      const place = places?.[feature] ?? feature;
      const column = whole ? undefined : await slice(place * count + start, rows);
      for (let row = 0; row < rows; row++) {
        const from = column ? row * size : (row * features + place) * size;
        const to = (row * features + feature) * size;
        for (let k = 0; k < size; k++) bytes[to + k] = (column ?? whole!)[from + k]!;
      }
    }
    return bytes;
  }

  return {
    count,
    shape,
    features,
    async read(batch, onRows) {
      const rows = new Float32Array(Math.min(batch, count) * features);
      for (let start = 0; start < count; start += batch) {
        const many = Math.min(batch, count - start);
        const bytes = await readRows(start, many);
        dtype.order(bytes);
        dtype.copy(dtype.elements(bytes.buffer), 0, many * features, rows, 0);
        const some = rows.subarray(0, many * features);
        const at = dtype.real ? findNotFinite(some) : -1;
        if (at >= 0) {
          throw valueError(path, start + Math.floor(at / features), at % features, some[at]!);
        }
        await onRows(some, many, start);
      }
    },
  };
}

const bytesOf = async (path: string, blob: Blob): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await blob.arrayBuffer().catch((error: Error) => {
      throw new DataError(`${path} cannot be read: ${error.message}`);
    }),
  );

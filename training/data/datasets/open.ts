import type { RawValues } from '../../../bundle/npy/dtype.ts';
import { type Closable, makeClosable } from './closable.ts';
import { type Dataset, MemoryDataset } from './dataset.ts';
import { DISK_MEMORY, DiskDataset } from './disk.ts';
import { DataError } from './error.ts';
import { NpyFile } from './npy.ts';
import { listRemaining } from './split.ts';

export interface OpenOptions {
  /** Data that take at most this many bytes are held in memory, others stay on disk; 1 GiB by default. */
  memoryLimit?: number;
  /** The memory that a data set on disk uses, in bytes; 256 MiB by default. */
  diskMemory?: number;
  /** Called with the number of rows that have been read and checked. */
  onProgress?: (done: number, of: number) => void;
}

/** Rows of numbers without names, in memory or on disk, with every value checked. */
export interface Data extends Closable {
  readonly path: string;
  /** As NumPy writes it, such as `<f4`. */
  readonly dtype: string;
  readonly count: number;
  /** One sample's shape; features is its product. */
  readonly shape: readonly number[];
  readonly features: number;
  /** The smallest and the largest of all values. */
  readonly min: number;
  readonly max: number;
  readonly inMemory: boolean;
  /** The rows that are in none of these disjoint lists: what to train on. */
  without(heldOut: readonly Uint32Array[]): Dataset;
  /** Reads these rows into memory: what to validate, calibrate and test on. */
  rows(indices: Uint32Array): Promise<MemoryDataset>;
}

/** The default of {@link OpenOptions.memoryLimit}. */
export const MEMORY_LIMIT = 2 ** 30;

/** Largest block of rows that is checked at once, in bytes. */
const BLOCK_BYTES = 4 * 2 ** 20;

/**
 * Opens a .npy file and reads all of it once: into memory if it takes at most `memoryLimit` there, else only to check
 * it. Bytes stay bytes, any other number takes four. Close its data sets before it. Throws a {@link DataError} for a
 * file that cannot be read, is damaged, or has a value that is not finite, with its row and column.
 */
export async function openData(path: string, options: OpenOptions = {}): Promise<Data> {
  const { memoryLimit = MEMORY_LIMIT, diskMemory = DISK_MEMORY, onProgress } = options;
  await using resources = new AsyncDisposableStack();
  const file = resources.use(await NpyFile.open(path));
  const { dtype, count, shape, features } = file;
  const sizeOf = (rows: number) => rows * features * (dtype.kept ? 1 : 4);
  const inMemory = sizeOf(count) <= memoryLimit;
  // Fails now, not after reading everything, if the memory is too small.
  if (!inMemory) await new DiskDataset(file, { memory: diskMemory }).close();
  const values = inMemory ? file.allocate(count) : undefined;
  const [min, max] = await findRange(file, values, onProgress);
  const known = { path, dtype: dtype.name, count, shape, features, min, max, inMemory };
  if (values) return { ...known, ...makeMemoryData(values, shape) };
  return {
    ...known,
    without: (heldOut) => new DiskDataset(file, { heldOut, memory: diskMemory }),
    rows: async (indices) => {
      if (sizeOf(indices.length) > memoryLimit) {
        throw new DataError(
          `${path}: ${indices.length} held-out rows take ${sizeOf(indices.length)} bytes of memory, ` +
            `more than the limit of ${memoryLimit}: hold out fewer`,
        );
      }
      return new MemoryDataset(await file.readRows(indices), shape);
    },
    ...makeClosable(resources.move()),
  };
}

/** The part of {@link Data} that reads rows, for values in memory. */
export function makeMemoryData(
  values: RawValues,
  shape: readonly number[],
): Pick<Data, 'without' | 'rows' | keyof Closable> {
  const count = values.length / shape.reduce((a, b) => a * b, 1);
  return {
    without: (heldOut) => new MemoryDataset(values, shape, listRemaining(count, heldOut)),
    rows: async (indices) => new MemoryDataset(values, shape, indices),
    ...makeClosable(new AsyncDisposableStack()),
  };
}

/** Reads all rows, into `values` if given, and finds the smallest and the largest value. */
async function findRange(
  file: NpyFile,
  values: RawValues | undefined,
  onProgress: OpenOptions['onProgress'],
): Promise<[number, number]> {
  const { count, features, rowBytes } = file;
  const most = Math.min(count, Math.max(1, Math.floor(BLOCK_BYTES / rowBytes)));
  const buffer = new ArrayBuffer(most * rowBytes);
  const block = values ?? file.allocate(most);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let start = 0; start < count; ) {
    const size = Math.min(most, count - start);
    const at = values ? start * features : 0;
    const rows = block.subarray(at, at + size * features);
    await file.read(start, size, rows, buffer);
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i];
      if (value < min) min = value;
      if (value > max) max = value;
    }
    start += size;
    onProgress?.(start, count);
  }
  await file.assertUnchanged();
  return [min, max];
}

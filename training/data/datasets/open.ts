import { type Dataset, MemoryDataset } from './dataset.ts';
import { DISK_MEMORY, DiskDataset } from './disk.ts';
import type { Values } from './dtype.ts';
import { DataError } from './error.ts';
import { NpyFile } from './npy.ts';
import { remaining } from './split.ts';

export interface OpenOptions {
  /** Data that take at most so many bytes are held in memory, others stay on disk; 1 GiB if not given. */
  memoryLimit?: number;
  /** The memory that a data set on disk takes, in bytes; 256 MiB if not given. */
  diskMemory?: number;
  /** Told how many rows have been checked. */
  onProgress?: (done: number, of: number) => void;
}

/** Data whose every value has been checked, in memory or on disk. */
export interface Data {
  readonly path: string;
  /** As NumPy writes it, `<f4`. */
  readonly dtype: string;
  readonly count: number;
  /** One sample's shape; features is its product. */
  readonly shape: readonly number[];
  readonly features: number;
  /** The smallest and the largest value of all. */
  readonly min: number;
  readonly max: number;
  readonly inMemory: boolean;
  /** The rows that are in none of the lists, which are disjoint: what to train on. */
  without(heldOut: readonly Uint32Array[]): Dataset;
  /** These rows, in memory: what to validate, calibrate and test on. */
  rows(indices: Uint32Array): Promise<MemoryDataset>;
  /** Closes the file: to be called after its data sets were closed. */
  close(): Promise<void>;
}

/** The default of {@link OpenOptions.memoryLimit}. */
export const MEMORY_LIMIT = 2 ** 30;

/** Rows are checked in blocks of at most so many bytes. */
const BLOCK_BYTES = 4 * 2 ** 20;

/**
 * Opens a .npy file and reads all of it once: into memory if it takes at most `memoryLimit` there, else
 * only to check it. Bytes stay bytes, all other numbers take four. Throws a {@link DataError} for a file
 * that cannot be read, is damaged, or has a value that is not finite; it names the row and the column.
 */
export async function openData(path: string, options: OpenOptions = {}): Promise<Data> {
  const file = await NpyFile.open(path);
  try {
    return await readThrough(file, options);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readThrough(file: NpyFile, options: OpenOptions): Promise<Data> {
  const { memoryLimit = MEMORY_LIMIT, diskMemory = DISK_MEMORY, onProgress } = options;
  const { path, dtype, count, shape, features } = file;
  const bytes = (rows: number) => rows * features * (dtype.kept ? 1 : 4);
  const inMemory = bytes(count) <= memoryLimit;
  // Says now, not after a scan, that the memory is too small.
  if (!inMemory) await new DiskDataset(file, { memory: diskMemory }).close();
  const values = inMemory ? file.values(count) : undefined;
  const [min, max] = await range(file, values, onProgress);
  const known = { path, dtype: dtype.name, count, shape, features, min, max, inMemory };
  if (values) {
    await file.close();
    return {
      ...known,
      without: (heldOut) => new MemoryDataset(values, shape, remaining(count, heldOut)),
      rows: async (indices) => new MemoryDataset(values, shape, indices),
      close: async () => {},
    };
  }
  return {
    ...known,
    without: (heldOut) => new DiskDataset(file, { heldOut, memory: diskMemory }),
    rows: async (indices) => {
      if (bytes(indices.length) > memoryLimit) {
        throw new DataError(
          `${path}: ${indices.length} held-out rows take ${bytes(indices.length)} bytes of memory, ` +
            `at most ${memoryLimit} may be taken: hold out fewer`,
        );
      }
      return new MemoryDataset(await file.rowsAt(indices), shape);
    },
    close: () => file.close(),
  };
}

/** Reads all rows, into `values` if given, and finds the smallest and the largest value. */
async function range(
  file: NpyFile,
  values: Values | undefined,
  onProgress: OpenOptions['onProgress'],
): Promise<[number, number]> {
  const { count, features, rowBytes } = file;
  const most = Math.min(count, Math.max(1, Math.floor(BLOCK_BYTES / rowBytes)));
  const buffer = new ArrayBuffer(most * rowBytes);
  const block = values ?? file.values(most);
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

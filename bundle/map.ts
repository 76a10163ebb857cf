import { BundleError } from './error.ts';
import { readColumns } from './parquet-columns.ts';

/** A column of few different strings: each row's index into `names`, or −1 for none. */
export interface Categories {
  names: string[];
  codes: Int16Array;
}

/**
 * The columns of `map.parquet`, in file order: row i is point i of `codes.bin`. The test samples come first.
 * `id`: the row of the sample in the data, counted from 0; for MNIST, in the test images for the split `test`, else in
 * the training images.
 */
export interface MapColumns {
  count: number;
  id: Int32Array;
  split: Categories;
  x: Float32Array;
  y: Float32Array;
  label: Categories;
  score: Float32Array;
  p_value: Float32Array;
}

/** The split whose p-values are calibrated: neither training nor calibration saw it. */
export const CALIBRATED_SPLIT = 'test';

/** What {@link Categories} can count. */
const MOST_NAMES = 2 ** 15;

/** Reads `map.parquet` into typed arrays. Throws a {@link BundleError} if it is damaged. */
export async function readMap(bytes: Uint8Array): Promise<MapColumns> {
  const { count, columns } = readParquet(bytes);
  const cells = (column: string, fill: (at: number, value: unknown) => string | undefined) => {
    const found = columns.get(column);
    if (!found) throw damaged(`there is no column ${column}`);
    for (const { start, values } of found) {
      for (let i = 0; i < values.length; i++) {
        const wrong = fill(start + i, values[i]);
        if (wrong) throw damaged(`row ${start + i}, column ${column}: ${wrong}`);
      }
    }
  };
  const numbers = <T extends Int32Array | Float32Array>(column: string, target: T): T => {
    const whole = target instanceof Int32Array;
    cells(column, (at, value) => {
      if (typeof value !== 'number' || !Number.isFinite(value)) return `expected a number, found ${value}`;
      if (whole && !(Number.isInteger(value) && value >= 0)) return `expected a row number, found ${value}`;
      target[at] = value;
      return undefined;
    });
    return target;
  };
  const categories = (column: string, nullable: boolean): Categories => {
    const index = new Map<string, number>();
    const codes = new Int16Array(count);
    cells(column, (at, value) => {
      if (nullable && (value === null || value === undefined)) codes[at] = -1;
      else if (typeof value !== 'string') return `expected a text, found ${value}`;
      else {
        let code = index.get(value);
        if (code === undefined) {
          code = index.size;
          index.set(value, code);
        }
        if (code >= MOST_NAMES) return `more than ${MOST_NAMES} different texts`;
        codes[at] = code;
      }
      return undefined;
    });
    return { names: [...index.keys()], codes };
  };
  return {
    count,
    id: numbers('id', new Int32Array(count)),
    split: categories('split', false),
    x: numbers('x', new Float32Array(count)),
    y: numbers('y', new Float32Array(count)),
    label: categories('label', true),
    score: numbers('score', new Float32Array(count)),
    p_value: numbers('p_value', new Float32Array(count)),
  };
}

function readParquet(bytes: Uint8Array): ReturnType<typeof readColumns> {
  try {
    return readColumns(bytes.slice().buffer);
  } catch (error) {
    throw damaged((error as Error).message);
  }
}

const damaged = (how: string) => new BundleError(`map.parquet is damaged: ${how}`);

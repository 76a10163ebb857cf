/** Rows of numbers in memory: n × d, row-major. */
export interface Matrix {
  readonly values: Float32Array;
  readonly n: number;
  readonly d: number;
}

/** Rows of numbers that are read in chunks: n of them, d values each. */
export interface RowReader {
  readonly n: number;
  readonly d: number;
  /** Writes the rows start … start + size into `target`, size × d, row-major. */
  read(start: number, size: number, target: Float32Array): void | Promise<void>;
}

/** Copies the rows with these indices, in this order. */
export function selectRows({ values, d }: Matrix, indices: ArrayLike<number>): Matrix {
  const selected = new Float32Array(indices.length * d);
  for (let i = 0; i < indices.length; i++) {
    selected.set(values.subarray(indices[i] * d, (indices[i] + 1) * d), i * d);
  }
  return { values: selected, n: indices.length, d };
}

/** A reader over an array of bytes or floats, n × d. */
export const readerOf = (values: Uint8Array | Float32Array, d: number): RowReader => ({
  n: values.length / d,
  d,
  read: (start, size, target) => target.set(values.subarray(start * d, (start + size) * d)),
});

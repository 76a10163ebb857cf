import type { Cell } from '../datasets/cell.ts';

/** A column of the output: `float` has 32 bits, `number` 64. */
export interface OutputColumn {
  readonly name: string;
  readonly type: 'float' | 'number' | 'integer' | 'boolean' | 'text';
}

/** The values of one column for some rows. */
export type Values = Float32Array | Float64Array | readonly Cell[];

/**
 * Writes rows in order. The output appears only with `finish`. Disposing of a writer that has not finished discards
 * what it has written.
 */
export interface RowWriter extends AsyncDisposable {
  write(columns: readonly Values[], count: number): void | Promise<void>;
  finish(): Promise<void>;
  /** Discards what was written, unless it is finished. */
  abort(): Promise<void>;
}

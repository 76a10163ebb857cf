import type { Matrix } from '../runtime/rows.ts';
import type { SessionOptions } from '../runtime/session.ts';

/** Labelled rows to learn from; labels count from 0. */
export interface Labelled extends Matrix {
  readonly labels: Uint8Array;
  /** How many classes there are, whether or not all of them occur. */
  readonly classes: number;
}

export interface FitOptions extends SessionOptions {
  /** The same seed gives the same classifier. */
  seed: number;
  /** For methods that are trained by gradients: passes over the rows, if not the usual number. */
  epochs?: number;
  /** The share of the work that is done, from 0 to 1. */
  onProgress?: (share: number) => void;
}

/** A classifier that has been fitted. `await using` releases it. */
export interface Classifier extends AsyncDisposable {
  /** Trained numbers; for nearest neighbours, those that it has to keep. */
  readonly parameters: number;
  /** Size of what it needs to classify. */
  readonly bytes: number;
  /** The class of each row; rows have as many values as those that were learned from. */
  predict(rows: Matrix): Promise<Uint8Array>;
}

/** A way to make a classifier. */
export interface Method {
  readonly name: string;
  /** Throws a RangeError if rows, labels and dimensions do not fit together. */
  fit(samples: Labelled, options: FitOptions): Promise<Classifier>;
}

/** Throws a RangeError that says what does not fit. */
export function assertLabelled(samples: Labelled): void {
  const { n, d, labels, classes } = samples;
  if (n < 1) throw new RangeError('there are no rows to learn from');
  assertRows(samples, d);
  if (labels.length !== n) {
    throw new RangeError(`there are ${labels.length} labels for ${n} rows: one for each`);
  }
  const row = labels.findIndex((label) => label >= classes);
  if (row >= 0) throw new RangeError(`row ${row} is of class ${labels[row]}, there are ${classes}`);
}

/** Throws a RangeError unless the rows have `dims` values each. */
export function assertRows({ values, n }: Matrix, dims: number): void {
  if (values.length !== n * dims) {
    throw new RangeError(`there are ${values.length} values, ${n} × ${dims} are needed`);
  }
}

import type { Matrix } from '../runtime/rows.ts';
import type { SessionOptions } from '../runtime/session.ts';

/** Labelled rows to learn from; labels count from 0. */
export interface Labelled extends Matrix {
  readonly labels: Uint8Array;
  /** The number of classes, including those that do not occur. */
  readonly classes: number;
}

export interface FitOptions extends SessionOptions {
  /** The same seed gives the same classifier. */
  seed: number;
  /** For methods trained by gradient descent: passes over the rows, in place of the default. */
  epochs?: number;
  /** Called with the share of the work done, from 0 to 1. */
  onProgress?: (share: number) => void;
}

/** A fitted classifier. `await using` releases it. */
export interface Classifier extends AsyncDisposable {
  /** The number of trained parameters; for nearest neighbours, of stored values. */
  readonly parameters: number;
  /** The size of all that it needs to classify. */
  readonly bytes: number;
  /** Predicts the class of each row. Rows have as many values as the training rows. */
  predict(rows: Matrix): Promise<Uint8Array>;
}

/** A method that fits classifiers. */
export interface Method {
  readonly name: string;
  /** Fits a classifier. Throws a RangeError if rows, labels and dimensions do not fit together. */
  fit(samples: Labelled, options: FitOptions): Promise<Classifier>;
}

/** Throws a RangeError unless rows and labels fit together. */
export function assertLabelled(samples: Labelled): void {
  const { n, d, labels, classes } = samples;
  if (n < 1) throw new RangeError('there are no rows to learn from');
  assertRows(samples, d);
  if (labels.length !== n) {
    throw new RangeError(`there are ${labels.length} labels for ${n} rows: one for each`);
  }
  const row = labels.findIndex((label) => label >= classes);
  if (row >= 0)
    throw new RangeError(`row ${row} has class ${labels[row]}: there are only ${classes} classes`);
}

/** Throws a RangeError unless the rows have `dims` values each. */
export function assertRows({ values, n }: Matrix, dims: number): void {
  if (values.length !== n * dims) {
    throw new RangeError(`there are ${values.length} values, ${n} × ${dims} are needed`);
  }
}

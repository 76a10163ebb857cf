import type { SessionOptions } from '../runtime/session.ts';

/** Labelled rows to learn from: `features` is count × dims, row-major; labels count from 0. */
export interface Labelled {
  readonly features: Float32Array;
  readonly count: number;
  readonly dims: number;
  readonly labels: Uint8Array;
  /** How many classes there are, whether or not all of them occur. */
  readonly classes: number;
}

export interface FitOptions extends SessionOptions {
  /** The same seed gives the same classifier. */
  seed: number;
  /** Of the methods that are trained by gradients: passes over the rows, if not the usual number. */
  epochs?: number;
  /** The share of the work that is done, from 0 to 1. */
  onProgress?: (share: number) => void;
}

/** A classifier that has been fitted. */
export interface Classifier {
  /** Trained numbers; of nearest neighbours, those that it has to keep. */
  readonly parameters: number;
  /** Size of what it needs to classify. */
  readonly bytes: number;
  /** The class of each of `count` rows, as many values each as were learned from. */
  predict(features: Float32Array, count: number): Promise<Uint8Array>;
  release(): Promise<void>;
}

/** A way to make a classifier. */
export interface Method {
  readonly name: string;
  /** Throws a RangeError if rows, labels and dimensions do not fit together. */
  fit(samples: Labelled, options: FitOptions): Promise<Classifier>;
}

/** Throws a RangeError that says what does not fit. */
export function assertLabelled({ features, count, dims, labels, classes }: Labelled): void {
  if (count < 1) throw new RangeError('there are no rows to learn from');
  assertRows(features, count, dims);
  if (labels.length !== count) {
    throw new RangeError(`there are ${labels.length} labels for ${count} rows: one for each`);
  }
  const row = labels.findIndex((label) => label >= classes);
  if (row >= 0) throw new RangeError(`row ${row} is of class ${labels[row]}, there are ${classes}`);
}

/** Throws a RangeError unless there are `count` rows of `dims` values. */
export function assertRows(features: Float32Array, count: number, dims: number): void {
  if (features.length !== count * dims) {
    throw new RangeError(`features has ${features.length} values, ${count} × ${dims} are needed`);
  }
}

/**
 * The training engine as a library: `import { autoencoder, train } from 'offmanifold/training'`.
 */
import type { Manifest } from '../bundle/manifest.ts';
import { type Configuration, parseConfiguration } from './config/schema.ts';
import { DataError } from './data/datasets/error.ts';
import { openSource } from './data/source.ts';
import { openMatrix } from './data/sources/matrix.ts';
import { type PipelineOptions, runPipeline } from './pipeline/run.ts';
import './runtime/async-disposable-stack.ts';

export type { Manifest } from '../bundle/manifest.ts';
export { type Configuration, ConfigurationError } from './config/schema.ts';
export type { PipelineOptions as TrainOptions } from './pipeline/run.ts';
export { DataError };

/** Checks the options of an autoencoder and its training: the same as in a configuration file. */
export function autoencoder(options: Configuration = {}): Configuration {
  return parseConfiguration(options, 'autoencoder');
}

/** Samples to train on: their values one after the other, row-major. */
export interface Matrix {
  values: Uint8Array | Float32Array;
  /** The shape of one sample: [features], or [height, width, channels] for an image. */
  shape: readonly number[];
  name?: string;
}

/**
 * Trains on rows of numbers (an array of rows of equal length, or a {@link Matrix}), or on the path of a table, a file
 * of numbers or a folder of images. Writes the bundle to the folder `out` and returns its manifest. Throws a DataError,
 * a ConfigurationError or a DivergenceError that says what is wrong.
 */
export async function train(
  model: Configuration,
  data: string | Matrix | readonly (readonly number[])[],
  options: PipelineOptions,
): Promise<Manifest> {
  const open = () =>
    typeof data === 'string'
      ? openSource(data, model)
      : openRows(isRows(data) ? packRows(data) : data, model);
  return runPipeline(open, model, options);
}

const openRows = ({ values, shape, name }: Matrix, model: Configuration) =>
  openMatrix(values, shape, model, name);

const isRows = (data: Matrix | readonly (readonly number[])[]): data is readonly (readonly number[])[] =>
  Array.isArray(data);

function packRows(rows: readonly (readonly number[])[]): Matrix {
  const features = rows[0]?.length ?? 0;
  if (features === 0) throw new DataError('there are no rows of numbers: at least two are needed');
  const ragged = rows.findIndex((row) => row.length !== features);
  if (ragged > 0) {
    throw new DataError(`row ${ragged} has ${rows[ragged].length} values, the first has ${features}`);
  }
  return { values: Float32Array.from(rows.flat()), shape: [features] };
}

import { DataError } from './error.ts';
import type { Manifest } from './manifest.ts';

/** A model of images or of rows of numbers without names. */
type Data = Pick<Manifest['data'], 'shape' | 'features' | 'range'>;

/** What a model's samples are, in words. */
export const describeSamples = ({ shape }: Pick<Data, 'shape'>): string =>
  shape.length === 1 ? `rows of ${shape[0]} numbers` : `images of ${shape.join(' × ')}`;

/** Throws a {@link DataError} if samples have another number of values than the model takes. */
export function assertWidth(path: string, features: number, data: Pick<Data, 'shape' | 'features'>): void {
  if (features === data.features) return;
  throw new DataError(
    `${path}: a sample has ${features} values, the model expects ${data.features}: ${describeSamples(data)}`,
  );
}

/** Throws a {@link DataError} for a value outside the model's range. `start`: the number of the first row. */
export function assertRange(
  path: string,
  rows: Float32Array,
  start: number,
  { features, range }: Pick<Data, 'features' | 'range'>,
): void {
  if (!range) return;
  const [low, high] = range;
  for (let p = 0; p < rows.length; p++) {
    const value = rows[p]!;
    if (value >= low && value <= high) continue;
    throw valueError(path, start + Math.floor(p / features), p % features, value, {
      accepted: `the model expects values from ${low} to ${high}`,
    });
  }
}

/** The error for a value of a matrix that is not accepted. Row and column are counted from 0. */
export const valueError = (
  path: string,
  row: number,
  column: number,
  value: number,
  { accepted = 'only finite numbers are accepted, at most 3.4e38 in size' } = {},
): DataError =>
  new DataError(`${path}: row ${row}, column ${column} (counted from 0) is ${value}: ${accepted}`);

import type { RawValues } from '../../../bundle/npy/dtype.ts';
import type { Configuration } from '../../config/schema.ts';
import { makeClosable } from '../datasets/closable.ts';
import { DataError } from '../datasets/error.ts';
import { type Data, makeMemoryData } from '../datasets/open.ts';
import { readAllSamples } from '../datasets/samples.ts';
import { listExcluded, listRemaining } from '../datasets/split.ts';
import { type RowLabels, type Source, UNNAMED } from './description.ts';
import { fingerprintValues } from './fingerprint.ts';
import { drawSplit } from './held-out.ts';
import { chooseScaling } from './scaling.ts';

/**
 * Opens a matrix in memory, row-major; `shape` is one sample's. Throws a {@link DataError} with row and column of a
 * value that is not finite, or if the rows are too few.
 */
export async function openMatrix(
  values: RawValues,
  shape: readonly number[],
  configuration: Configuration,
  name = 'matrix',
  labels?: RowLabels,
): Promise<Source> {
  const features = shape.reduce((a, b) => a * b, 1);
  if (values.length % features !== 0) {
    throw new DataError(`${values.length} values are not whole samples of ${shape.join(' × ')}`);
  }
  const [min, max] = findRange(values, features);
  const data: Data = {
    path: name,
    dtype: values instanceof Uint8Array ? '|u1' : '<f4',
    count: values.length / features,
    shape,
    features,
    min,
    max,
    inMemory: true,
    ...makeMemoryData(values, shape),
  };
  return splitData(data, name, fingerprintValues(values), configuration, labels);
}

function findRange(values: RawValues, features: number): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      throw new DataError(
        `row ${Math.floor(i / features)}, column ${i % features} is ${value}: only finite numbers are accepted`,
      );
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}

/** Splits and scales rows of numbers without names. The source owns `data`, which is closed if this fails. */
export async function splitData(
  data: Data,
  name: string,
  fingerprint: string,
  configuration: Configuration,
  known?: RowLabels,
): Promise<Source> {
  await using resources = new AsyncDisposableStack();
  resources.use(data);
  if (data.min === data.max) {
    throw new DataError(
      `${data.path}: as 32-bit floats, every value is ${data.min}: there is nothing to learn; if they differ by less, subtract an offset before saving them`,
    );
  }
  const shape = chooseShape(data, configuration.shape);
  const rows = drawSplit(data.path, data.count, configuration);
  const train = resources.use(data.without(listExcluded(rows)));
  const { scaling, range } = await chooseScaling(data, train, configuration, shape);
  const { validation, calibration, test } = rows.heldOut;
  const type = data.dtype === '|u1' ? Uint8Array : Float32Array;
  const read = async (indices: Uint32Array) => readAllSamples(await data.rows(indices), type);
  return {
    name,
    shape,
    features: data.features,
    encoded: data.features,
    ...UNNAMED,
    scaling,
    range,
    train,
    validation: await read(validation),
    calibration: await read(calibration),
    test: await read(test),
    ids: test,
    labels: known && Uint8Array.from(test, (row) => known.labels[row]),
    classes: known?.classes ?? [],
    seen: {
      list: () => ({ train: listRemaining(data.count, listExcluded(rows)), validation, calibration }),
      read,
      labels: known?.labels,
    },
    fingerprint,
    ...makeClosable(resources.move()),
  };
}

/** Chooses a sample's shape: N × H × W is an image with one channel, unless a shape is given that fits. */
function chooseShape({ path, shape, features }: Data, given: readonly number[] | undefined): number[] {
  if (given) {
    if (given.reduce((a, b) => a * b, 1) !== features) {
      throw new DataError(
        `${path}: a sample has ${features} values, which do not fit --shape ${given.join(',')}`,
      );
    }
    return [...given];
  }
  return shape.length === 2 ? [...shape, 1] : shape.length <= 3 ? [...shape] : [features];
}

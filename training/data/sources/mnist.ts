import { Random } from '../../../kernels/random.ts';
import type { Configuration } from '../../config/schema.ts';
import { makeClosable } from '../datasets/closable.ts';
import { MemoryDataset } from '../datasets/dataset.ts';
import { DataError } from '../datasets/error.ts';
import { readAllSamples } from '../datasets/samples.ts';
import { loadMnist } from '../readers/mnist.ts';
import { type Source, UNNAMED } from './description.ts';
import { scaleBytes } from './scaling.ts';

/** Options that have no effect here: the data fix them. */
const FIXED = ['shape', 'scaling', 'range', 'test'] as const;

/** Opens MNIST, which has test images of its own. */
export async function openMnist(_data: string, configuration: Configuration): Promise<Source> {
  for (const key of FIXED) {
    if (configuration[key] === undefined) continue;
    throw new DataError(
      `${key} is given, but MNIST fixes it: bytes of 28 × 28 × 1, with 10,000 test images of its own`,
    );
  }
  const { seed = 1, limit, validation = 2000, calibration = 4000 } = configuration;
  const images = await loadMnist('train');
  const tested = await loadMnist('test');
  const shape = [images.height, images.width, 1];
  const features = images.height * images.width;
  if (validation + calibration >= images.count) {
    throw new DataError(
      `MNIST has ${images.count} training images: ${validation} for validation and ${calibration} for calibration leave none`,
    );
  }
  const order = new Random(seed).shuffle(new Uint32Array(images.count).map((_, i) => i));
  const kept = order.subarray(validation + calibration).slice(0, limit);
  const read = (indices: Uint32Array) =>
    readAllSamples(new MemoryDataset(images.data, shape, indices), Uint8Array);
  return {
    name: 'MNIST',
    shape,
    features,
    encoded: features,
    ...UNNAMED,
    ...scaleBytes(configuration, shape),
    train: new MemoryDataset(images.data, shape, kept),
    validation: await read(order.subarray(0, validation)),
    calibration: await read(order.subarray(validation, validation + calibration)),
    test: { data: tested.data, count: tested.count },
    ids: new Uint32Array(tested.count).map((_, i) => i),
    labels: tested.labels,
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    seen: {
      list: () => ({
        train: kept.toSorted(),
        validation: order.slice(0, validation).sort(),
        calibration: order.slice(validation, validation + calibration).sort(),
      }),
      read,
      labels: images.labels,
    },
    fingerprint: 'mnist',
    ...makeClosable(new AsyncDisposableStack()),
  };
}

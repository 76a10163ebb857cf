import { stat } from 'node:fs/promises';
import { kindOf } from '../../../bundle/kind.ts';
import { describeSamples } from '../../../bundle/samples.ts';
import type { Samples } from '../../network/samples.ts';
import { DataError } from '../datasets/error.ts';
import { NpyFile } from '../datasets/npy.ts';
import { isIdx, isNpy, MNIST, unsupportedError } from '../readers/formats.ts';
import { readIdx } from '../readers/idx.ts';
import { readImages } from '../readers/images.ts';
import { loadMnist } from '../readers/mnist.ts';
import type { ModelInput } from './row-file.ts';

/** Columns of images: the file's path within the folder, and the class. */
export const FILE = 'file';
const CLASS = 'class';

/** Samples without named columns, in memory or in a file. */
export interface SampleReader extends AsyncDisposable {
  readonly count: number;
  readonly features: number;
  /** Copies rows from `start` on into `target`, as many as fit. */
  copy(start: number, target: Float32Array): void | Promise<void>;
  /** What is known about each sample apart from its values, by name. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** Opens MNIST's test images, a .npy or IDX file, or a folder of images. */
export async function openSamples(path: string, model: ModelInput): Promise<SampleReader> {
  if (path === MNIST) return openMnist();
  if (isNpy(path)) return openNpy(path);
  if (isIdx(path)) return openIdx(path);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw unsupportedError(path, found !== undefined);
  if (kindOf(model) !== 'image') {
    throw new DataError(
      `${path} is a folder of images: the model expects ${describeSamples(model)}; --model names another`,
    );
  }
  return openFolder(path, model.shape);
}

async function openMnist(): Promise<SampleReader> {
  const images = await loadMnist('test');
  return readFromMemory(
    images,
    images.height * images.width,
    new Map([[CLASS, Array.from(images.labels, String)]]),
  );
}

async function openNpy(path: string): Promise<SampleReader> {
  const file = await NpyFile.open(path);
  const buffers = new Map<number, ArrayBuffer>();
  return {
    count: file.count,
    features: file.features,
    columns: new Map(),
    async copy(start, target) {
      const size = target.length / file.features;
      const buffer = buffers.get(size) ?? new ArrayBuffer(size * file.rowBytes);
      buffers.set(size, buffer);
      const values = file.allocate(size);
      await file.read(start, size, values, buffer);
      target.set(values);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function openIdx(path: string): Promise<SampleReader> {
  const { images, labels } = await readIdx(path);
  const [count, ...shape] = images.shape;
  const features = shape.reduce((a, b) => a * b, 1);
  const columns = new Map(labels ? [[CLASS, Array.from(labels.data, String)]] : []);
  return readFromMemory({ data: images.data, count }, features, columns);
}

async function openFolder(path: string, shape: readonly number[]): Promise<SampleReader> {
  const { values, count, files, labels, classes } = await readImages(path, shape);
  const columns = new Map([[FILE, files]]);
  if (labels) {
    const names = Array.from(labels, (label) => classes[label]);
    columns.set(CLASS, names);
  }
  return readFromMemory({ data: values, count }, values.length / count, columns);
}

const readFromMemory = (
  { data, count }: Samples,
  features: number,
  columns: SampleReader['columns'],
): SampleReader => ({
  count,
  features,
  columns,
  copy: (start, target) => target.set(data.subarray(start * features, start * features + target.length)),
  [Symbol.asyncDispose]: async () => {},
});

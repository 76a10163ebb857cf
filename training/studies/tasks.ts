import type { Training } from '../../bundle/training.ts';
import { Autoencoder, type Blueprint } from '../autoencoder/autoencoder.ts';
import type { TrainingData } from '../autoencoder/run.ts';
import { trainAutoencoder } from '../autoencoder/train.ts';
import type { Labelled, Method } from '../classifiers/classifier.ts';
import { convolutionalNetwork } from '../classifiers/convolutional.ts';
import { linearSvm, softmaxRegression } from '../classifiers/linear.ts';
import { nearestNeighbours } from '../classifiers/nearest.ts';
import { perceptron } from '../classifiers/perceptron.ts';
import { MemoryDataset } from '../data/datasets/dataset.ts';
import type { Samples } from '../network/samples.ts';
import type { Weights } from '../network/trainer.ts';

/** What a thread of a crew can do. Inputs and results are sent between threads; everything runs in one thread. */
export const TASKS = { autoencoder, classifier };

type OnProgress = (share: number) => void;

/** An autoencoder to train on these images, height × width × channels each. */
interface AutoencoderTask extends Pick<TrainingData, 'validation' | 'scaling'> {
  readonly blueprint: Blueprint;
  readonly training: Training;
  readonly images: Samples;
  readonly shape: readonly number[];
}

async function autoencoder(
  { blueprint, training, images, shape, ...data }: AutoencoderTask,
  onProgress: OnProgress,
): Promise<Weights> {
  const train = new MemoryDataset(images.data, shape);
  const { weights } = await trainAutoencoder(new Autoencoder(blueprint), { ...data, train }, training, {
    threads: 1,
    onProgress: ({ epoch, epochs, done, of }) => onProgress((epoch - 1 + done / of) / epochs),
  });
  return weights;
}

/** The methods that can be tried on any rows, and the one for images of this shape. */
const methodsFor = ([height, width]: readonly number[]): readonly Method[] => [
  ...METHODS,
  convolutionalNetwork(height, width),
];
const METHODS = [nearestNeighbours(), softmaxRegression, linearSvm, perceptron];

/** The names of the methods for any rows, and of that for images. */
export const METHOD_NAMES = METHODS.map(({ name }) => name);
export const IMAGE_METHOD = convolutionalNetwork(1, 1).name;

/** A classifier to fit and to try. */
interface ClassifierTask {
  /** One of {@link METHOD_NAMES}, or {@link IMAGE_METHOD}. */
  readonly method: string;
  readonly train: Labelled;
  readonly test: Labelled;
  /** Of the images. */
  readonly shape: readonly number[];
  readonly seed: number;
  /** In place of the method's own. */
  readonly epochs?: number;
}

async function classifier(
  { method, train, test, shape, seed, epochs }: ClassifierTask,
  onProgress: OnProgress,
) {
  const began = performance.now();
  const chosen = methodsFor(shape).find(({ name }) => name === method)!;
  await using fitted = await chosen.fit(train, { seed, epochs, threads: 1, onProgress });
  const fittedAt = performance.now();
  const predicted = await fitted.predict(test);
  return {
    predicted,
    parameters: fitted.parameters,
    bytes: fitted.bytes,
    seconds: { fit: (fittedAt - began) / 1000, predict: (performance.now() - fittedAt) / 1000 },
  };
}

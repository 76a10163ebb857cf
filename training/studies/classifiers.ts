import type { Studies } from '../../bundle/studies.ts';
import type { Labelled, Method } from '../classifiers/classifier.ts';
import { convolutionalNetwork } from '../classifiers/convolutional.ts';
import { linearSvm, softmaxRegression } from '../classifiers/linear.ts';
import { nearestNeighbours } from '../classifiers/nearest.ts';
import { perceptron } from '../classifiers/perceptron.ts';
import { computeAccuracy, confusionMatrix } from './confusion.ts';
import type { Material, ReportProgress } from './study.ts';

/** What classifiers learn from: the pixels, their principal components, or their codes. */
interface FeatureSet {
  readonly features: Studies['classifiers'][number]['features'];
  readonly train: Labelled;
  readonly test: Labelled;
}

/** Epochs of the networks in a quick run. */
const QUICK_EPOCHS = 2;

/** The rough cost of each method; 1 if absent. */
const COST: Readonly<Record<string, number>> = { [perceptron.name]: 4 };
const CONVOLUTIONAL_COST = 40;

/**
 * How well digits can be classified from their pixels, from as many principal components as the code has numbers, and
 * from the code: every method on each of them. The convolutional network needs the places of the pixels, so it gets only
 * those.
 */
export async function studyClassifiers(
  material: Material,
  report: ReportProgress,
): Promise<{ classifiers: Studies['classifiers']; seconds: Studies['seconds']['classifiers'] }> {
  const { seed, quick, threads, shape } = material;
  const methods = [nearestNeighbours(), softmaxRegression, linearSvm, perceptron];
  const sets = await prepareFeatures(material);
  const runs: { method: Method; on: FeatureSet; cost: number }[] = sets.flatMap((on) =>
    methods.map((method) => ({ method, on, cost: COST[method.name] ?? 1 })),
  );
  runs.push({ method: convolutionalNetwork(shape[0], shape[1]), on: sets[0], cost: CONVOLUTIONAL_COST });
  const whole = runs.reduce((sum, { cost }) => sum + cost, 0);
  let done = 0;
  const classifiers: Studies['classifiers'] = [];
  const seconds: Studies['seconds']['classifiers'] = [];
  for (const { method, on, cost } of runs) {
    const { train, test } = on;
    const what = `${method.name} on ${on.features === 'pixels' ? 'pixels' : `${on.features}-${train.d}`}`;
    const began = performance.now();
    await using classifier = await method.fit(train, {
      seed,
      threads,
      ...(quick ? { epochs: QUICK_EPOCHS } : {}),
      onProgress: (share) => report(what, (done + share * cost) / whole),
    });
    const fittedAt = performance.now();
    const predicted = await classifier.predict(test);
    const predictedAt = performance.now();
    const confusion = confusionMatrix(test.labels, predicted, test.classes);
    classifiers.push({
      method: method.name,
      features: on.features,
      dims: train.d,
      accuracy: computeAccuracy(confusion),
      confusion,
      parameters: classifier.parameters,
      bytes: classifier.bytes,
    });
    seconds.push({ fit: (fittedAt - began) / 1000, predict: (predictedAt - fittedAt) / 1000 });
    done += cost;
    report(what, done / whole);
  }
  return { classifiers, seconds };
}

async function prepareFeatures({ train, test, codes, pca, threads }: Material): Promise<FeatureSet[]> {
  const components = pca.takeLeading(Math.min(codes.train.d, pca.count));
  const project = async (samples: Labelled): Promise<Labelled> => {
    const { coordinates } = await components.project(samples, { threads });
    return { ...samples, values: coordinates, d: components.count };
  };
  return [
    { features: 'pixels', train, test },
    { features: 'PCA', train: await project(train), test: await project(test) },
    { features: 'code', ...codes },
  ];
}

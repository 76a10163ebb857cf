import type { Studies } from '../../bundle/studies.ts';
import { toShared } from '../../tsne/shared-arrays.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import { perceptron } from '../classifiers/perceptron.ts';
import { computeAccuracy, confusionMatrix } from './confusion.ts';
import type { Material, ReportProgress } from './study.ts';
import { IMAGE_METHOD, METHOD_NAMES } from './tasks.ts';

/** What classifiers learn from: the pixels, their principal components, or their codes. */
interface FeatureSet {
  readonly features: Studies['classifiers'][number]['features'];
  readonly train: Labelled;
  readonly test: Labelled;
}

/** Epochs of the networks in a quick run. */
const QUICK_EPOCHS = 2;

/** The rough cost of each method; 1 if absent. */
const COST: Readonly<Record<string, number>> = { [perceptron.name]: 8, [IMAGE_METHOD]: 40 };

/**
 * How well digits can be classified from their pixels, from as many principal components as the code has numbers, and
 * from the code: every method on each of them. The convolutional network needs the places of the pixels, so it gets only
 * those. Each method runs in one thread.
 */
export async function studyClassifiers(
  material: Material,
  report: ReportProgress,
): Promise<{ classifiers: Studies['classifiers']; seconds: Studies['seconds']['classifiers'] }> {
  const { seed, quick, shape, crew } = material;
  const sets = await prepareFeatures(material);
  const runs = [
    ...sets.flatMap((on) => METHOD_NAMES.map((method) => ({ method, on }))),
    { method: IMAGE_METHOD, on: sets[0] },
  ];
  const epochs = quick ? QUICK_EPOCHS : undefined;
  const found = await crew.runAll(
    'classifier',
    runs.map(({ method, on: { features, train, test } }) => ({
      what: `${method} on ${features === 'pixels' ? 'pixels' : `${features}-${train.d}`}`,
      cost: COST[method] ?? 1,
      input: { method, train, test, shape, seed, epochs },
    })),
    report,
  );
  return {
    classifiers: runs.map(({ method, on: { features, train, test } }, i) => {
      const { predicted, parameters, bytes } = found[i];
      const confusion = confusionMatrix(test.labels, predicted, test.classes);
      const accuracy = computeAccuracy(confusion);
      return { method, features, dims: train.d, accuracy, confusion, parameters, bytes };
    }),
    seconds: found.map(({ seconds }) => seconds),
  };
}

async function prepareFeatures({ train, test, codes, pca, threads }: Material): Promise<FeatureSet[]> {
  const components = pca.takeLeading(Math.min(codes.train.d, pca.count));
  const project = async (samples: Labelled): Promise<Labelled> => {
    const { coordinates } = await components.project(samples, { threads });
    return { ...samples, values: toShared(coordinates), d: components.count };
  };
  return [
    { features: 'pixels', train, test },
    { features: 'PCA', train: await project(train), test: await project(test) },
    { features: 'code', ...codes },
  ];
}

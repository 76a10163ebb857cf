import type { Studies } from '../../bundle/studies.ts';
import type { Labelled, Method } from '../classifiers/classifier.ts';
import { convolutionalNetwork } from '../classifiers/convolutional.ts';
import { linearSvm, softmaxRegression } from '../classifiers/linear.ts';
import { nearestNeighbours } from '../classifiers/nearest.ts';
import { perceptron } from '../classifiers/perceptron.ts';
import { accuracyOf, confusionMatrix } from './confusion.ts';
import type { Material, Report } from './study.ts';

interface Seen {
  readonly features: Studies['classifiers'][number]['features'];
  readonly train: Labelled;
  readonly test: Labelled;
}

/** Epochs of the networks in a quick run. */
const QUICK_EPOCHS = 2;

/** The rough share of the whole that each method takes. */
const COST: Readonly<Record<string, number>> = { [perceptron.name]: 4 };
const CONVOLUTIONAL_COST = 40;

/**
 * How well digits can be told apart from their pixels, from as many principal components as the code is long,
 * and from the code: each method on each of them. The convolutional network needs the pixels' places, and
 * sees nothing else.
 */
export async function classifierStudy(
  material: Material,
  report: Report,
): Promise<{ classifiers: Studies['classifiers']; seconds: Studies['seconds']['classifiers'] }> {
  const { seed, quick, threads, shape } = material;
  const methods = [nearestNeighbours(), softmaxRegression, linearSvm, perceptron];
  const seen = await views(material);
  const runs: { method: Method; on: Seen; cost: number }[] = seen.flatMap((on) =>
    methods.map((method) => ({ method, on, cost: COST[method.name] ?? 1 })),
  );
  runs.push({ method: convolutionalNetwork(shape[0], shape[1]), on: seen[0], cost: CONVOLUTIONAL_COST });
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
    const fitted = performance.now();
    const predicted = await classifier.predict(test);
    const over = performance.now();
    const confusion = confusionMatrix(test.labels, predicted, test.classes);
    classifiers.push({
      method: method.name,
      features: on.features,
      dims: train.d,
      accuracy: accuracyOf(confusion),
      confusion,
      parameters: classifier.parameters,
      bytes: classifier.bytes,
    });
    seconds.push({ fit: (fitted - began) / 1000, predict: (over - fitted) / 1000 });
    done += cost;
    report(what, done / whole);
  }
  return { classifiers, seconds };
}

/** What there is to see of the images: pixels, principal components, codes. */
async function views({ train, test, codes, pca, threads }: Material): Promise<Seen[]> {
  const components = pca.takeLeading(Math.min(codes.train.d, pca.count));
  const projected = async (samples: Labelled): Promise<Labelled> => {
    const { coordinates } = await components.project(samples, { threads });
    return { ...samples, values: coordinates, d: components.count };
  };
  return [
    { features: 'pixels', train, test },
    { features: 'PCA', train: await projected(train), test: await projected(test) },
    { features: 'code', ...codes },
  ];
}

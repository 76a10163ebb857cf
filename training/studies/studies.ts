import type { Manifest } from '../../bundle/manifest.ts';
import { type Studies, StudiesSchema } from '../../bundle/studies.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import { MNIST } from '../data/names.ts';
import { loadMnist } from '../data/readers/mnist.ts';
import { openSource } from '../data/source.ts';
import { RANKS } from '../evaluate/denoising.ts';
import { Pca } from '../linear/pca.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { classifierStudy } from './classifiers.ts';
import { CODE_SIZES, codeSizeStudy } from './code-sizes.ts';
import { denoisingStudy } from './denoising.ts';
import { dimensionStudy } from './dimension.ts';
import { mapStudy } from './map.ts';
import { randomImageStudy } from './random-images.ts';
import { sparsityStudy } from './sparsity.ts';
import { type Key, type Material, rowsOf, type Study } from './study.ts';

export interface StudiesOptions {
  seed: number;
  /** Few samples and epochs, to see that all of it works. */
  quick: boolean;
  threads?: number;
  signal?: AbortSignal;
  /** What is being done, the share of everything that is over, and seconds that are left by that. */
  onProgress?: (what: string, share: number, left: number) => void;
  /** A study is over. */
  onStudy?: (title: string, seconds: number) => void;
}

/** Training and test images of a quick run, and images that autoencoders are trained on. */
const QUICK = { train: 4000, test: 1000 };

/** The images that autoencoders are trained on, and that choose their best epoch. */
const AUTOENCODER = { limit: 30_000 };
const QUICK_AUTOENCODER = { limit: 1500, validation: 200 };

const CLASSIFIERS = { key: 'classifiers', title: 'classifiers', expected: 200 } as const;

/** The studies that are run by themselves, in this order. */
const OTHERS: readonly { [K in Key]: Study<K> }[Key][] = [
  randomImageStudy,
  dimensionStudy,
  codeSizeStudy,
  denoisingStudy,
  sparsityStudy,
  mapStudy,
];

/** About what making things ready takes. */
const PREPARATION = { title: 'preparation', expected: 7 };

/**
 * All studies of a model of MNIST, and their pictures. The same seed gives the same results on one machine,
 * but for the seconds they take.
 */
export async function runStudies(
  scorer: Scorer,
  manifest: Manifest,
  options: StudiesOptions,
): Promise<{ studies: Studies; pictures: Material['pictures'] }> {
  const clock = new Clock(options);
  const material = await clock.time(PREPARATION, () => prepared(scorer, manifest, options));
  const { classifiers, seconds } = await clock.time(CLASSIFIERS, (report) =>
    classifierStudy(material, report),
  );
  const found: Partial<Studies> = {};
  for (const study of OTHERS as readonly Study<Key>[]) {
    const result = await clock.time(study, (report) => study.run(material, report));
    Object.assign(found, { [study.key]: result });
  }
  await material.source.close();
  const studies = StudiesSchema.parse({
    settings: {
      seed: options.seed,
      quick: options.quick,
      train: material.train.count,
      test: material.test.count,
    },
    classifiers,
    ...found,
    seconds: { studies: clock.seconds, classifiers: seconds },
  });
  return { studies, pictures: material.pictures };
}

/** The accuracy of the classifier that is right most often. */
export const bestAccuracy = ({ classifiers }: Studies): number =>
  Math.max(...classifiers.map(({ accuracy }) => accuracy));

async function prepared(scorer: Scorer, manifest: Manifest, options: StudiesOptions): Promise<Material> {
  const { seed, quick, threads, signal } = options;
  const classes = manifest.data.classes.length;
  const load = async (split: 'train' | 'test'): Promise<Labelled> => {
    const images = await loadMnist(split);
    const dims = images.height * images.width;
    const count = quick ? QUICK[split] : images.count;
    return {
      features: Float32Array.from(images.data.subarray(0, count * dims), (value) => value / 255),
      count,
      dims,
      labels: images.labels.subarray(0, count),
      classes,
    };
  };
  const [train, test] = [await load('train'), await load('test')];
  const coded = async (samples: Labelled): Promise<Labelled> => {
    const raw = samples.features.map((value) => 255 * value);
    const { code } = await scorer.run(raw, samples.count, ['code']);
    return { ...samples, features: code, dims: manifest.architecture.code };
  };
  const components = Math.max(...CODE_SIZES, ...RANKS, manifest.architecture.code);
  const source = await openSource(MNIST, { seed, ...(quick ? QUICK_AUTOENCODER : AUTOENCODER) });
  const kept = source.test.data.subarray(0, test.count * test.dims);
  return {
    train,
    test,
    shape: manifest.data.shape,
    codes: { train: await coded(train), test: await coded(test) },
    scorer,
    pca: await Pca.fit(rowsOf(train), train.count, train.dims, components, { threads }),
    source: { ...source, test: { data: kept, count: test.count } },
    seed,
    quick,
    threads,
    signal,
    pictures: new Map(),
  };
}

/** Times the studies, and says how long they will still take: as much slower than expected as so far. */
class Clock {
  readonly seconds: Record<string, number> = {};
  readonly #options: StudiesOptions;
  readonly #whole = [PREPARATION, CLASSIFIERS, ...OTHERS].reduce((sum, { expected }) => sum + expected, 0);
  readonly #began = performance.now();
  #done = 0;

  constructor(options: StudiesOptions) {
    this.#options = options;
  }

  async time<T>(
    { title, expected }: { title: string; expected: number },
    work: (report: (what: string, share: number) => void) => Promise<T>,
  ): Promise<T> {
    const began = performance.now();
    const report = (what: string, share: number) => {
      const over = (this.#done + share * expected) / this.#whole;
      const elapsed = (performance.now() - this.#began) / 1000;
      this.#options.onProgress?.(what, over, over > 0 ? elapsed / over - elapsed : 0);
    };
    report(title, 0);
    const result = await work(report);
    this.#done += expected;
    const seconds = (performance.now() - began) / 1000;
    this.seconds[title] = seconds;
    this.#options.onStudy?.(title, seconds);
    return result;
  }
}

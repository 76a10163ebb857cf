import type { Manifest } from '../../bundle/manifest.ts';
import { type Studies, StudiesSchema } from '../../bundle/studies.ts';
import { toShared } from '../../tsne/shared-arrays.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import { readAllSamples } from '../data/datasets/samples.ts';
import { MNIST } from '../data/readers/formats.ts';
import { loadMnist } from '../data/readers/mnist.ts';
import { openSource } from '../data/source.ts';
import { RANKS } from '../evaluate/denoising.ts';
import { Pca } from '../linear/pca.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { studyClassifiers } from './classifiers.ts';
import { CODE_SIZES, codeSizeStudy } from './code-sizes.ts';
import { Crew } from './crew.ts';
import { denoisingStudy } from './denoising.ts';
import { dimensionStudy } from './dimension.ts';
import { mapStudy } from './map.ts';
import { randomImageStudy } from './random-images.ts';
import { sparsityStudy } from './sparsity.ts';
import type { Material, Study, StudyKey } from './study.ts';

export interface StudiesOptions {
  seed: number;
  /** Few samples and epochs, to check that everything works. */
  quick: boolean;
  threads?: number;
  /** Gets what is being done, the share of all studies that is done, and the estimated seconds left. */
  onProgress?: (what: string, share: number, left: number) => void;
  /** Called after each study. */
  onStudy?: (title: string, seconds: number) => void;
}

/** Training and test images of a quick run. */
const QUICK = { train: 4000, test: 1000 };

/** Images for the autoencoders: for training them, and for choosing the best epoch. */
const AUTOENCODER = { limit: 30_000 };
const QUICK_AUTOENCODER = { limit: 1500, validation: 200 };

const CLASSIFIERS = { key: 'classifiers', title: 'classifiers', expected: 200 } as const;

/** The studies after the classifiers, in this order. */
const OTHERS: readonly { [K in StudyKey]: Study<K> }[StudyKey][] = [
  randomImageStudy,
  dimensionStudy,
  codeSizeStudy,
  denoisingStudy,
  sparsityStudy,
  mapStudy,
];

const PREPARATION = { title: 'preparation', expected: 7 };

/**
 * Runs all studies on a model of MNIST and draws their pictures. The same seed gives the same results on the same
 * machine, except for the times.
 */
export async function runStudies(
  scorer: Scorer,
  manifest: Manifest,
  options: StudiesOptions,
): Promise<{ studies: Studies; pictures: Material['pictures'] }> {
  await using crew = new Crew(options.threads);
  const clock = new Clock(options);
  const material = await clock.time(PREPARATION, () => prepare(scorer, manifest, crew, options));
  const { classifiers, seconds } = await clock.time(CLASSIFIERS, (report) =>
    studyClassifiers(material, report),
  );
  const found: Partial<Studies> = {};
  for (const study of OTHERS as readonly Study<StudyKey>[]) {
    const result = await clock.time(study, (report) => study.run(material, report));
    Object.assign(found, { [study.key]: result });
  }
  await material.source.close();
  const studies = StudiesSchema.parse({
    settings: {
      seed: options.seed,
      quick: options.quick,
      train: material.train.n,
      test: material.test.n,
    },
    classifiers,
    ...found,
    seconds: { studies: clock.seconds, classifiers: seconds },
  });
  return { studies, pictures: material.pictures };
}

/** The accuracy of the best classifier. */
export const findBestAccuracy = ({ classifiers }: Studies): number =>
  Math.max(...classifiers.map(({ accuracy }) => accuracy));

async function prepare(
  scorer: Scorer,
  manifest: Manifest,
  crew: Crew,
  { seed, quick, threads }: StudiesOptions,
): Promise<Material> {
  const classes = manifest.data.classes.length;
  const load = async (split: 'train' | 'test'): Promise<Labelled> => {
    const images = await loadMnist(split);
    const d = images.height * images.width;
    const n = quick ? QUICK[split] : images.count;
    return {
      values: toShared(Float32Array.from(images.data.subarray(0, n * d), (value) => value / 255)),
      n,
      d,
      labels: images.labels.subarray(0, n),
      classes,
    };
  };
  const [train, test] = [await load('train'), await load('test')];
  const encode = async (samples: Labelled): Promise<Labelled> => {
    const raw = samples.values.map((value) => 255 * value);
    const { code } = await scorer.run(raw, samples.n, ['code']);
    return { ...samples, values: toShared(code), d: manifest.architecture.code };
  };
  const components = Math.max(...CODE_SIZES, ...RANKS, manifest.architecture.code);
  const source = await openSource(MNIST, { seed, ...(quick ? QUICK_AUTOENCODER : AUTOENCODER) });
  const kept = source.test.data.subarray(0, test.n * test.d);
  const images = await readAllSamples(source.train, Uint8Array);
  return {
    train,
    test,
    shape: manifest.data.shape,
    codes: { train: await encode(train), test: await encode(test) },
    scorer,
    pca: await Pca.fit(train, components, { threads }),
    source: { ...source, test: { data: kept, count: test.n } },
    images: { ...images, data: shareBytes(images.data) },
    crew,
    seed,
    quick,
    threads,
    pictures: new Map(),
  };
}

function shareBytes(bytes: ArrayLike<number>): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/** Expected seconds that weigh as much as those that have been measured. */
const PRIOR = 15;

/** What a quick run takes of the expected time, roughly. */
const QUICK_RATE = 0.1;

/**
 * The seconds left, from those expected of what is done and of all. At first, the rest is taken to need `rate` times the expected time,
 * then more and more as much as what has been done.
 */
export function estimateLeft(done: number, whole: number, elapsed: number, rate: number): number {
  return ((elapsed + rate * PRIOR) / (done + PRIOR)) * (whole - done);
}

/** Times the studies and estimates the time left. */
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
      const done = this.#done + share * expected;
      const elapsed = (performance.now() - this.#began) / 1000;
      const left = estimateLeft(done, this.#whole, elapsed, this.#options.quick ? QUICK_RATE : 1);
      this.#options.onProgress?.(what, done / this.#whole, left);
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

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
import { Clock, type ClockOptions, type Task } from './clock.ts';
import { CODE_SIZES, codeSizeStudy } from './code-sizes.ts';
import { Crew } from './crew.ts';
import { denoisingStudy } from './denoising.ts';
import { dimensionStudy } from './dimension.ts';
import { mapStudy } from './map.ts';
import { measurePace } from './pace.ts';
import { randomImageStudy } from './random-images.ts';
import { sparsityStudy } from './sparsity.ts';
import type { Material, Study, StudyKey } from './study.ts';

export interface StudiesOptions extends ClockOptions {
  seed: number;
  threads?: number;
}

/** Training and test images of a quick run. */
const QUICK = { train: 4000, test: 1000 };

/** Images for the autoencoders: for training them, and for choosing the best epoch. */
const AUTOENCODER = { limit: 30_000 };
const QUICK_AUTOENCODER = { limit: 1500, validation: 200 };

const CLASSIFIERS: Task = { title: 'classifiers', expected: 108, work: 'training' };

/** The studies after the classifiers, in this order. */
const OTHERS: readonly { [K in StudyKey]: Study<K> }[StudyKey][] = [
  randomImageStudy,
  dimensionStudy,
  codeSizeStudy,
  denoisingStudy,
  sparsityStudy,
  mapStudy,
];

const PREPARATION: Task = { title: 'preparation', expected: 9, work: 'training' };

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
  const clock = new Clock(
    [PREPARATION, CLASSIFIERS, ...OTHERS],
    options,
    await measurePace(crew, options.threads),
  );
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

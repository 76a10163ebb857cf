import { Random } from '../../kernels/random.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import { histogram, logEdges, mean } from '../evaluate/metrics.ts';
import { COLUMNS, drawRows } from '../evaluate/pictures.ts';
import { NearestRows } from '../linear/nearest.ts';
import { type Study, takeFirst } from './study.ts';

const IMAGES = 1000;
const QUICK_IMAGES = 200;
const BINS = 40;
const STREAM = 32;

/**
 * Random images look like noise: how far they are from the nearest training digit, and how badly the autoencoder
 * reconstructs them, compared with test digits. One set draws every pixel uniformly. The other draws each pixel from its
 * own values in the training digits, so that only the relations between pixels are missing.
 */
export const randomImageStudy: Study<'random_images'> = {
  key: 'random_images',
  title: 'random images',
  expected: 2,
  work: 'training',
  async run({ train, test, scorer, seed, quick, threads, shape, pictures }, report) {
    const digits = takeFirst(test, quick ? QUICK_IMAGES : IMAGES);
    const { n: count, d: dims } = digits;
    const sets = drawSets(digits, train, Random.stream(seed, STREAM));
    await using nearest = await NearestRows.open(train, 1, { threads });
    const measured = [];
    const rows = [];
    for (const [i, set] of sets.entries()) {
      report(set.description, i / sets.length);
      const { distances } = await nearest.find({ values: set.values, n: count, d: dims });
      const raw = set.values.map((value) => 255 * value);
      const { feature_error, reconstruction } = await scorer.run(raw, count, [
        'feature_error',
        'reconstruction',
      ]);
      const errors = Float32Array.from({ length: count }, (_, row) =>
        mean(feature_error.subarray(row * dims, (row + 1) * dims)),
      );
      measured.push({ ...set, distances, errors });
      const shown = COLUMNS * dims;
      rows.push(
        set.values.slice(0, shown),
        reconstruction.slice(0, shown).map((value) => value / 255),
      );
    }
    pictures.set('study-random.webp', await drawRows(rows, shape));
    const distance_edges = logEdges(
      measured.map(({ distances }) => distances),
      BINS,
    );
    const error_edges = logEdges(
      measured.map(({ errors }) => errors),
      BINS,
    );
    return {
      distance_edges,
      error_edges,
      kinds: measured.map(({ name, description, distances, errors }) => ({
        name,
        description,
        count,
        distance: mean(distances),
        distance_histogram: histogram(distances, distance_edges),
        error: mean(errors),
        error_histogram: histogram(errors, error_edges),
      })),
    };
  },
};

/** Digits, and as many random images of each kind. */
function drawSets({ values, n, d }: Labelled, train: Labelled, random: Random) {
  return [
    { name: 'digits', description: 'test digits', values },
    {
      name: 'noise',
      description: 'every pixel drawn uniformly',
      values: Float32Array.from({ length: n * d }, () => random.uniform()),
    },
    {
      name: 'pixel by pixel',
      description: 'every pixel drawn from its own values in the training digits',
      values: Float32Array.from(
        { length: n * d },
        (_, p) => train.values[random.below(train.n) * d + (p % d)],
      ),
    },
  ];
}

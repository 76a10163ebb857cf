import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { BundleWriter } from '../../bundle/node/writer.ts';
import { parseReport } from '../../bundle/report.ts';
import type { Studies } from '../../bundle/studies.ts';
import { formatDuration } from '../console/duration.ts';
import { Progress } from '../console/progress.ts';
import { formatTable } from '../console/table.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { Scorer } from '../scorer/scorer.ts';
import { findBestAccuracy, runStudies } from '../studies/studies.ts';

export interface StudiesFlags {
  seed: number;
  quick?: boolean;
  threads?: number;
}

/** Runs the studies of a model of MNIST, prints what they find, and writes it to the bundle. */
export async function updateStudies(folder: string, flags: StudiesFlags): Promise<Manifest> {
  const progress = new Progress();
  const bundle = await openFolder(folder);
  const { manifest } = bundle;
  if (!isMnist(manifest.data)) {
    throw new BundleError(
      `${folder} is a model of ${manifest.data.name}: the studies need a model of the MNIST that comes with the program (npx offmanifold train makes one)`,
    );
  }
  const files = new Map<string, Uint8Array>();
  for (const { name } of manifest.files) files.set(name, await bundle.file(name));
  const before = parseReport(await bundle.json('report.json'));
  // A bundle that cannot be written is reported now, not after minutes.
  using writer = await BundleWriter.open(folder);
  const { studies, pictures } = await runAll(files.get('scorer.onnx')!, manifest, flags, progress);
  for (const [name, bytes] of pictures) files.set(name, bytes);
  const best = { best_classifier_accuracy: findBestAccuracy(studies) };
  const report = { ...before, headline: { ...before.headline, ...best }, studies };
  files.set('report.json', new TextEncoder().encode(JSON.stringify(parseReport(report))));
  const { model_id: _id, files: _files, ...rest } = manifest;
  const headline = { ...manifest.headline, ...best };
  const written = await writer.write({ files, manifest: { ...rest, headline } });
  for (const line of describeStudies(studies)) console.log(line);
  progress.line(`${folder}: model ${written.model_id.slice(0, 12)}; restart a running server to see it`);
  return written;
}

async function runAll(model: Uint8Array, manifest: Manifest, flags: StudiesFlags, progress: Progress) {
  await using scorer = await Scorer.load(model, flags);
  return await runStudies(scorer, manifest, {
    ...flags,
    quick: !!flags.quick,
    onProgress: (what, share, left) => progress.update(`${what}  about ${formatDuration(left)} left`, share),
    onStudy: (title, seconds) => progress.line(`${title}: ${formatDuration(seconds)}`),
  });
}

/** What was found, as tables. */
function describeStudies(studies: Studies): string[] {
  const { tilt, torn } = studies.map;
  return [
    ...TABLES.flatMap((table) => [...table(studies), '']),
    `tilt of the ${tilt.points} ones, predicted from their position: R² ${tilt.r_squared.toFixed(3)}, deviation ${tilt.deviation.toFixed(1)}°`,
    ...(torn ? [describeTorn(torn)] : []),
    `best_classifier_accuracy ${findBestAccuracy(studies).toFixed(4)}`,
  ];
}

function describeTorn({ points, label, share, between, maps }: NonNullable<Studies['map']['torn']>): string {
  const by = between === null ? '' : ` by the ${between}s`;
  const [torn, mended] = maps;
  return `worst torn map: of ${points} digits, start: ${torn.start}: the ${label}s are torn${by}, ${(100 * share).toFixed(0)}% of them are apart; start: ${mended.start} ${mended.torn.includes(label) ? 'tears fewer of them' : 'mends it'}`;
}

/** One table a study, in the order that they are printed. */
const TABLES: readonly ((studies: Studies) => string[])[] = [
  ({ classifiers, seconds }) =>
    formatTable(
      ['classifier', 'on', 'accuracy', 'fit', 'predict', 'size'],
      classifiers.map(({ method, features, dims, accuracy, bytes }, i) => [
        method,
        `${features}-${dims}`,
        accuracy.toFixed(4),
        `${seconds.classifiers[i].fit.toFixed(1)} s`,
        `${seconds.classifiers[i].predict.toFixed(2)} s`,
        `${(bytes / 1e6).toFixed(2)} MB`,
      ]),
    ),
  ({ random_images }) =>
    formatTable(
      ['images', 'distance to a digit', 'reconstruction error'],
      random_images.kinds.map(({ name, distance, error }) => [name, distance.toFixed(2), error.toFixed(4)]),
    ),
  ({ dimension }) =>
    formatTable(
      ['dimension of', 'numbers', 'TwoNN', 'maximum likelihood'],
      dimension.map(({ data, ambient, two_nn, maximum_likelihood }) => [
        data,
        String(ambient),
        two_nn.toFixed(1),
        maximum_likelihood.toFixed(1),
      ]),
    ),
  ({ code_sizes }) =>
    formatTable(
      ['code', 'autoencoder MSE', 'PCA MSE'],
      code_sizes.map(({ code, autoencoder_mse, pca_mse }) => [
        String(code),
        autoencoder_mse.toFixed(5),
        pca_mse.toFixed(5),
      ]),
    ),
  ({ denoising }) =>
    formatTable(
      ['corruption', 'noisy', 'autoencoder', 'PCA'],
      denoising.map(({ corruption, level, psnr_noisy, psnr, pca }) => [
        `${corruption} ${level}`,
        `${psnr_noisy.toFixed(2)} dB`,
        `${psnr.toFixed(2)} dB`,
        `${pca.psnr.toFixed(2)} dB (${pca.components})`,
      ]),
    ),
  ({ sparsity }) =>
    formatTable(
      ['sparsity', 'MSE', 'mean activation', 'active', 'silent units'],
      sparsity.map(({ penalty, test_mse, mean_activation, active_share, silent_units }) => [
        penalty,
        test_mse.toFixed(5),
        mean_activation.toFixed(3),
        `${(100 * active_share).toFixed(1)}%`,
        String(silent_units),
      ]),
    ),
  ({ map }) =>
    formatTable(
      ['map of', 'start', 'maps', 'split classes'],
      map.splits.map(({ points, start = 'random', maps, split_share }) => [
        `${points} points`,
        start,
        String(maps),
        `${(100 * split_share).toFixed(0)}%`,
      ]),
    ),
  ({ map }) =>
    formatTable(
      [
        'map of',
        'KL',
        'trustworthiness',
        'continuity',
        'kept 10',
        'kept 100',
        'distances',
        'accuracy',
        'of the input',
      ],
      (map.inputs ?? []).map((row) => [
        `${row.features}-${row.dims}`,
        row.kl_divergence.toFixed(3),
        row.trustworthiness.toFixed(4),
        row.continuity.toFixed(4),
        row.kept_10.toFixed(3),
        row.kept_100?.toFixed(3) ?? '',
        row.distance_correlation.toFixed(3),
        row.knn_accuracy.toFixed(4),
        row.input_knn_accuracy.toFixed(4),
      ]),
    ),
];

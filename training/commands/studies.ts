import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { BundleWriter } from '../../bundle/node/writer.ts';
import { parseReport } from '../../bundle/report.ts';
import type { Studies } from '../../bundle/studies.ts';
import { duration, Progress } from '../console/progress.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { Scorer } from '../scorer/scorer.ts';
import { bestAccuracy, runStudies } from '../studies/studies.ts';
import { table } from './table.ts';

export interface StudiesFlags {
  seed: number;
  quick?: boolean;
  threads?: number;
}

/** Runs the studies of a model of MNIST, prints what they find, and writes the bundle back with it. */
export async function study(folder: string, flags: StudiesFlags): Promise<Manifest> {
  const progress = new Progress();
  const bundle = await openFolder(folder);
  const { manifest } = bundle;
  if (!isMnist(manifest.data)) {
    throw new BundleError(
      `${folder} is a model of ${manifest.data.name}: the studies are about MNIST as the program has it (npx offmanifold train makes such a model)`,
    );
  }
  const files = new Map<string, Uint8Array>();
  for (const { name } of manifest.files) files.set(name, await bundle.file(name));
  const before = parseReport(await bundle.json('report.json'));
  // Says at once, not after minutes, that the bundle cannot be written.
  const writer = await BundleWriter.open(folder);
  try {
    const scorer = await Scorer.load(files.get('scorer.onnx')!, flags);
    const { studies, pictures } = await runStudies(scorer, manifest, {
      ...flags,
      quick: !!flags.quick,
      onProgress: (what, share, left) => progress.update(`${what}  about ${duration(left)} left`, share),
      onStudy: (title, seconds) => progress.line(`${title}: ${duration(seconds)}`),
    });
    await scorer.release();
    for (const [name, bytes] of pictures) files.set(name, bytes);
    const best = { best_classifier_accuracy: bestAccuracy(studies) };
    const report = { ...before, headline: { ...before.headline, ...best }, studies };
    files.set('report.json', new TextEncoder().encode(JSON.stringify(parseReport(report))));
    const { model_id: _id, files: _files, ...rest } = manifest;
    const headline = { ...manifest.headline, ...best };
    const written = await writer.write({ files, manifest: { ...rest, headline } });
    for (const line of described(studies)) console.log(line);
    progress.line(
      `${folder}: model ${written.model_id.slice(0, 12)}; a running server shows it once started again`,
    );
    return written;
  } finally {
    writer.close();
  }
}

/** What was found, as tables. */
function described(studies: Studies): string[] {
  const { classifiers, seconds, random_images, dimension, code_sizes, denoising, sparsity, map } = studies;
  return [
    ...table(
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
    ...table(
      ['images', 'distance to a digit', 'reconstruction error'],
      random_images.kinds.map(({ name, distance, error }) => [name, distance.toFixed(2), error.toFixed(4)]),
    ),
    ...table(
      ['dimension of', 'numbers', 'TwoNN', 'maximum likelihood'],
      dimension.map(({ data, ambient, two_nn, maximum_likelihood }) => [
        data,
        String(ambient),
        two_nn.toFixed(1),
        maximum_likelihood.toFixed(1),
      ]),
    ),
    ...table(
      ['code', 'autoencoder MSE', 'PCA MSE'],
      code_sizes.map(({ code, autoencoder_mse, pca_mse }) => [
        String(code),
        autoencoder_mse.toFixed(5),
        pca_mse.toFixed(5),
      ]),
    ),
    ...table(
      ['corruption', 'noisy', 'autoencoder', 'PCA'],
      denoising.map(({ corruption, level, psnr_noisy, psnr, pca }) => [
        `${corruption} ${level}`,
        `${psnr_noisy.toFixed(2)} dB`,
        `${psnr.toFixed(2)} dB`,
        `${pca.psnr.toFixed(2)} dB (${pca.components})`,
      ]),
    ),
    ...table(
      ['sparsity', 'MSE', 'mean activation', 'active', 'silent units'],
      sparsity.map(({ penalty, test_mse, mean_activation, active_share, silent_units }) => [
        penalty,
        test_mse.toFixed(5),
        mean_activation.toFixed(3),
        `${(100 * active_share).toFixed(1)} %`,
        String(silent_units),
      ]),
    ),
    ...table(
      ['map of', 'maps', 'split classes'],
      map.splits.map(({ points, maps, split_share }) => [
        `${points} points`,
        String(maps),
        `${(100 * split_share).toFixed(0)} %`,
      ]),
    ),
    `tilt of the ${map.tilt.points} ones by their place: R² ${map.tilt.r_squared.toFixed(3)}, deviation ${map.tilt.deviation.toFixed(1)}°`,
    `best_classifier_accuracy ${bestAccuracy(studies).toFixed(4)}`,
  ];
}

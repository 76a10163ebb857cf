import { enableCollector } from '../training/console/collector.ts';
import { findBestAccuracy, runStudies } from '../training/studies/studies.ts';
import { openTrained } from './bundle.ts';
import type { Bench } from './harness.ts';

const SEED = 1;

/** All studies, as `offmanifold studies` runs them on the bundle in models/mnist; nothing is written. */
export const bench: Bench = {
  title: 'the studies of MNIST',
  targets: {
    best_classifier_accuracy: { atLeast: 0.993 },
    studies_s: { atMost: 720 },
    studies_estimate_error: { atMost: 0.3 },
  },
  async run(log) {
    enableCollector();
    const { bundle, scorer } = await openTrained();
    const began = performance.now();
    let estimate: number | undefined;
    const { studies } = await runStudies(scorer, bundle.manifest, {
      seed: SEED,
      quick: false,
      onProgress: (_what, _share, left) => {
        if (estimate === undefined) log(`about ${left.toFixed(0)} s`);
        estimate ??= left;
      },
      onStudy: (title, seconds) => log(`${title}: ${seconds.toFixed(0)} s`),
    });
    await scorer.release();
    const seconds = (performance.now() - began) / 1000;
    const figures: Record<string, number> = {
      best_classifier_accuracy: findBestAccuracy(studies),
      studies_s: seconds,
      studies_estimate_error: Math.abs(estimate! / seconds - 1),
    };
    const name = (...words: string[]) => words.join('_').toLowerCase().replace(/\W+/g, '_');
    for (const { method, features, accuracy } of studies.classifiers) {
      figures[name(method, features, 'accuracy')] = accuracy;
    }
    for (const { data, two_nn, maximum_likelihood } of studies.dimension) {
      figures[name(data, 'two_nn')] = two_nn;
      figures[name(data, 'maximum_likelihood')] = maximum_likelihood;
    }
    for (const { code, autoencoder_mse, pca_mse } of studies.code_sizes) {
      figures[`code_${code}_pca_over_autoencoder_mse`] = pca_mse / autoencoder_mse;
    }
    for (const { corruption, psnr, pca } of studies.denoising) {
      figures[name('denoise', corruption, 'gain_db')] = psnr - pca.psnr;
    }
    for (const { points, start = 'random', split_share } of studies.map.splits) {
      figures[name('split_share', String(points), start)] = split_share;
    }
    for (const { features, trustworthiness, knn_accuracy } of studies.map.inputs ?? []) {
      figures[name('map_of', features, 'trustworthiness')] = trustworthiness;
      figures[name('map_of', features, 'accuracy')] = knn_accuracy;
    }
    return { ...figures, tilt_r_squared: studies.map.tilt.r_squared };
  },
};

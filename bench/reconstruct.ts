import { loadMnist } from '../training/data/mnist.ts';
import { reconstructionReport, scaledRows } from '../training/evaluate/report.ts';
import { Pca } from '../training/pca.ts';
import { splitTraining } from '../training/pipeline.ts';
import { assertReported, trainedBundle } from './bundle.ts';
import type { Bench } from './harness.ts';

/** Reconstruction of the test split by the bundle's autoencoder, and by PCA fitted again. */
export const bench: Bench = {
  title: 'reconstruction: test MSE per pixel, values in 0..1',
  targets: { dense_test_mse_px: { atMost: 0.004 } },
  async run() {
    const { bundle, scorer, test } = await trainedBundle();
    const { data, architecture, training } = bundle.manifest;
    const split = splitTraining(await loadMnist('train'), {
      ...data.splits,
      seed: training.seed,
      limit: data.splits.train,
    });
    const rows = scaledRows(split.train.data, data.features, 1 / data.scale);
    const pca = await Pca.fit(rows, split.train.count, data.features, architecture.code);
    const report = await reconstructionReport(scorer, pca, test, data.classes, 1 / data.scale);
    const figures = { dense_test_mse_px: report.test_mse, pca_test_mse_px: report.pca.test_mse };
    await assertReported(bundle, figures);
    return figures;
  },
};

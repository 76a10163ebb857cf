import type { Report } from '../../bundle/report.ts';
import type { TrainedAutoencoder } from '../autoencoder/train.ts';
import type { LabelledImages } from '../data/mnist.ts';
import { outlierSets } from '../data/outliers.ts';
import type { Pca } from '../pca.ts';
import type { Scorer } from '../scorer.ts';
import { LEVELS, threshold } from './calibration.ts';
import { auroc, histogram, logEdges, mean, rocCurve } from './metrics.ts';

const BINS = 60;
/** What the outliers are drawn with: fixed, so that every bundle is measured against the same ones. */
const OUTLIER_SEED = 20161;

/** Rows of u8 values as floats in 0..1. */
export const scaledRows =
  (data: Uint8Array, features: number, scale: number) =>
  (start: number, _count: number, target: Float32Array) => {
    for (let p = 0, from = start * features; p < target.length; p++, from++) target[p] = data[from] * scale;
  };

/** Reconstruction of the test split by the autoencoder and by PCA with as many components as the code. */
export async function reconstructionReport(
  scorer: Scorer,
  pca: Pca,
  test: LabelledImages,
  classes: readonly string[],
  scale: number,
  options: { threads?: number } = {},
): Promise<Report['reconstruction']> {
  const features = test.height * test.width;
  const { feature_error } = await scorer.run(test.data, test.count, ['feature_error']);
  const autoencoder = rowMeans(feature_error, features);
  const { residual } = await pca.project(scaledRows(test.data, features, scale), test.count, options);
  const ofClass = (values: Float32Array, label: number) => values.filter((_, i) => test.labels[i] === label);
  return {
    test_mse: mean(autoencoder),
    pca: { components: pca.count, test_mse: mean(residual), explained_variance: pca.explained },
    per_class: classes.map((name, label) => {
      const own = ofClass(autoencoder, label);
      return {
        label: name,
        count: own.length,
        autoencoder_mse: own.length ? mean(own) : 0,
        pca_mse: own.length ? mean(ofClass(residual, label)) : 0,
      };
    }),
  };
}

/** How the scores of the test split compare with those of outliers, and with the calibration split's. */
export async function detectionReport(
  scorer: Scorer,
  test: LabelledImages,
  testScores: Float32Array,
  calibration: Float32Array,
): Promise<Report['detection']> {
  const sets = [];
  for (const set of outlierSets(test, OUTLIER_SEED)) {
    sets.push({ ...set, scores: (await scorer.run(set.data, set.count, ['score'])).score });
  }
  const edges = logEdges([testScores, ...sets.map(({ scores }) => scores)], BINS);
  return {
    edges,
    test_histogram: histogram(testScores, edges),
    outliers: sets.map(({ name, description, count, scores }) => ({
      name,
      description,
      count,
      auroc: auroc(testScores, scores),
      roc: rocCurve(testScores, scores),
      histogram: histogram(scores, edges),
    })),
    calibration: thresholds(calibration).map(({ significance, score }) => ({
      significance,
      threshold: score,
      flagged: testScores.filter((value) => value > score).length / testScores.length,
    })),
  };
}

/** The threshold of each level that the calibration split is large enough for. */
export function thresholds(calibration: Float32Array): { significance: number; score: number }[] {
  const sorted = calibration.toSorted();
  return LEVELS.flatMap((significance) => {
    const score = threshold(sorted, significance);
    return score === undefined ? [] : [{ significance, score }];
  });
}

/** The figures that the benchmarks print, under the same keys. */
export function headline(report: Pick<Report, 'reconstruction' | 'detection'>): Record<string, number> {
  const aurocs = report.detection.outliers.map(({ name, auroc: value }) => [`${name}_auroc`, value] as const);
  return {
    dense_test_mse_px: report.reconstruction.test_mse,
    pca_test_mse_px: report.reconstruction.pca.test_mse,
    ...Object.fromEntries(aurocs),
  };
}

export const trainingReport = (loss: string, trained: TrainedAutoencoder): Report['training'] => ({
  loss,
  train_loss: trained.trainLoss,
  validation_loss: trained.validationLoss,
  learning_rate: trained.learningRate,
  best_epoch: trained.bestEpoch,
});

function rowMeans(values: Float32Array, columns: number): Float32Array {
  const means = new Float32Array(values.length / columns);
  for (let i = 0; i < means.length; i++) means[i] = mean(values.subarray(i * columns, (i + 1) * columns));
  return means;
}

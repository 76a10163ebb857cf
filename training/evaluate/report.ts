import type { Report } from '../../bundle/report.ts';
import type { Architecture } from '../../bundle/training.ts';
import type { TrainedAutoencoder } from '../autoencoder/train.ts';
import { outlierSets } from '../data/outliers.ts';
import type { Source } from '../data/source.ts';
import { Encoder } from '../encoder.ts';
import type { Pca } from '../pca.ts';
import type { Scorer } from '../scorer.ts';
import { LEVELS, threshold } from './calibration.ts';
import { auroc, histogram, logEdges, mean, rocCurve } from './metrics.ts';

const BINS = 60;
/** What the outliers are drawn with: fixed, so that every bundle is measured against the same ones. */
const OUTLIER_SEED = 20161;

/** The samples of a source's training split, in the order that it has at the time, as {@link Pca} reads them. */
export const trainRows =
  ({ train }: Pick<Source, 'train'>, encoder: Encoder) =>
  async (start: number, count: number, target: Float32Array) => {
    const raw = new Float32Array(count * encoder.features);
    await train.read(start, count, raw);
    target.set(await encoder.encode(raw));
  };

/** The same of its test split. */
const testRows =
  ({ test }: Pick<Source, 'test'>, encoder: Encoder) =>
  async (start: number, count: number, target: Float32Array) => {
    const { features } = encoder;
    target.set(await encoder.encode(test.data.subarray(start * features, (start + count) * features)));
  };

/** Reconstruction of the test split by the autoencoder and by PCA with as many components as the code. */
export async function reconstructionReport(
  scorer: Scorer,
  pca: Pca,
  source: Source,
  options: { threads?: number } = {},
): Promise<Report['reconstruction']> {
  const { test, features, encoded, scaling, labels, classes } = source;
  const { feature_error } = await scorer.run(test.data, test.count, ['feature_error']);
  const autoencoder = rowSums(feature_error, features).map((sum) => sum / encoded);
  const encoder = new Encoder(features, scaling);
  const { residual } = await pca.project(testRows(source, encoder), test.count, options);
  await encoder.release();
  const ofClass = (values: Float32Array, label: number) => values.filter((_, i) => labels?.[i] === label);
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
  { test, shape, range, scaling }: Source,
  testScores: Float32Array,
  calibration: Float32Array,
): Promise<Report['detection']> {
  const sets = [];
  for (const set of outlierSets({ ...test, shape, range, scaling }, OUTLIER_SEED)) {
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
export function headline(
  report: Pick<Report, 'reconstruction' | 'detection' | 'denoising' | 'test_elbo'>,
  kind: Architecture['kind'],
): Record<string, number> {
  const aurocs = report.detection.outliers.map(({ name, auroc: value }) => [`${name}_auroc`, value] as const);
  return {
    [`${kind === 'dense' ? 'dense' : 'conv'}_test_mse_px`]: report.reconstruction.test_mse,
    pca_test_mse_px: report.reconstruction.pca.test_mse,
    ...(report.denoising ? { denoise_gain_db: report.denoising.gain_db } : {}),
    ...(report.test_elbo === null ? {} : { test_elbo: report.test_elbo }),
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

function rowSums(values: Float32Array, columns: number): Float32Array {
  const sums = new Float32Array(values.length / columns);
  for (let p = 0; p < values.length; p++) sums[Math.floor(p / columns)] += values[p];
  return sums;
}

import { LEVELS, threshold } from '../../bundle/calibration.ts';
import type { Report } from '../../bundle/report.ts';
import type { ScorerOutput } from '../../bundle/scoring.ts';
import type { Architecture } from '../../bundle/training.ts';
import { Encoder } from '../autoencoder/encoder.ts';
import type { TrainedAutoencoder } from '../autoencoder/train.ts';
import { makeOutlierSets } from '../data/outliers.ts';
import type { Source } from '../data/source.ts';
import type { Pca } from '../linear/pca.ts';
import { collectAll, collectYoung } from '../runtime/session.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { auroc, averagePrecision, histogram, logEdges, mean, rocCurve } from './metrics.ts';

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
    collectYoung();
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

/** Scores of some samples: fused, and by each of k detectors (n × k). */
type Scored = Pick<ScorerOutput, 'score' | 'detectors'>;

/**
 * How the scores of the test split compare with those of outliers, with the calibration split's, and with the
 * labels if there are any. `names` are the detectors'.
 */
export async function detectionReport(
  scorer: Scorer,
  { test, shape, range, scaling, anomalous }: Source,
  tested: Scored,
  calibration: Float32Array,
  names: readonly string[],
): Promise<Report['detection']> {
  const sets = [];
  const outliers = makeOutlierSets({ ...test, shape, range, scaling }, OUTLIER_SEED);
  // One after the other, and none is kept.
  for (let set = outliers.shift(); set; set = outliers.shift()) {
    const { data, ...known } = set;
    sets.push({ ...known, ...(await scorer.run(data, set.count, ['score', 'detectors'])) });
    collectAll();
  }
  const edges = logEdges([tested.score, ...sets.map(({ score }) => score)], BINS);
  const own = (of: Scored, j: number) => every(of.detectors, names.length, j);
  return {
    edges,
    test_histogram: histogram(tested.score, edges),
    outliers: sets.map(({ name, description, count, ...scored }) => ({
      name,
      description,
      count,
      auroc: auroc(tested.score, scored.score),
      detectors: names.map((detector, j) => ({
        name: detector,
        auroc: auroc(own(tested, j), own(scored, j)),
      })),
      roc: rocCurve(tested.score, scored.score),
      histogram: histogram(scored.score, edges),
    })),
    calibration: thresholds(calibration).map(({ significance, score }) => ({
      significance,
      threshold: score,
      flagged: tested.score.filter((value) => value > score).length / tested.score.length,
    })),
    labelled: anomalous ? labelledReport(tested, anomalous, names) : null,
  };
}

/** Null if the samples are all of one kind. */
function labelledReport(
  { score, detectors }: Scored,
  labels: Uint8Array,
  names: readonly string[],
): Report['detection']['labelled'] {
  const anomalous = labels.reduce((sum, label) => sum + label, 0);
  if (anomalous === 0 || anomalous === labels.length) return null;
  const of = (scores: Float32Array, label: number) => scores.filter((_, i) => labels[i] === label);
  const area = (scores: Float32Array) => auroc(of(scores, 0), of(scores, 1));
  return {
    count: labels.length,
    anomalous,
    auroc: area(score),
    average_precision: averagePrecision(of(score, 0), of(score, 1)),
    detectors: names.map((name, j) => ({ name, auroc: area(every(detectors, names.length, j)) })),
  };
}

/** Column j of rows of k. */
const every = (values: Float32Array, k: number, j: number) =>
  Float32Array.from({ length: values.length / k }, (_, i) => values[i * k + j]);

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
  { kind, shape }: Pick<Architecture, 'kind'> & Pick<Source, 'shape'>,
): Record<string, number> {
  const { outliers, labelled } = report.detection;
  const aurocs = outliers.map(({ name, auroc: value }) => [`${name}_auroc`, value] as const);
  const unit = shape.length === 3 ? '_px' : '';
  return {
    [`${kind === 'dense' ? 'dense' : 'conv'}_test_mse${unit}`]: report.reconstruction.test_mse,
    [`pca_test_mse${unit}`]: report.reconstruction.pca.test_mse,
    ...(report.denoising ? { denoise_gain_db: report.denoising.gain_db } : {}),
    ...(report.test_elbo === null ? {} : { test_elbo: report.test_elbo }),
    ...Object.fromEntries(aurocs),
    ...(labelled ? { test_auroc: labelled.auroc, test_average_precision: labelled.average_precision } : {}),
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

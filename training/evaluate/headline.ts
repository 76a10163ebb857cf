import type { Report } from '../../bundle/report.ts';
import type { Architecture } from '../../bundle/training.ts';
import type { TrainingResult } from '../network/epochs.ts';

/** The main figures of a report, under the keys that the benchmarks use. */
export function buildHeadline(
  report: Pick<Report, 'reconstruction' | 'detection' | 'denoising' | 'test_elbo'>,
  { kind, shape }: { kind: Architecture['kind']; shape: readonly number[] },
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

/** The part of a report about training: its loss curves, the learning rates and the best epoch. */
export const buildTrainingReport = (loss: string, trained: TrainingResult): Report['training'] => ({
  loss,
  train_loss: trained.trainLoss,
  validation_loss: trained.validationLoss,
  learning_rate: trained.learningRate,
  best_epoch: trained.bestEpoch,
});

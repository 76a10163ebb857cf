import * as z from 'zod';
import { BundleError } from './error.ts';
import { StudiesSchema } from './studies.ts';

const finite = z.number();
const curve = z.array(finite);
const DetectorAurocs = z.array(z.strictObject({ name: z.string(), auroc: finite }));

/** How well scores tell normal samples from one kind of outlier. */
const Outliers = z.strictObject({
  name: z.string(),
  description: z.string(),
  count: z.int().positive(),
  /** Of the fused score, and of each detector alone. */
  auroc: finite,
  detectors: DetectorAurocs,
  /** Points of the ROC curve, thinned: false-positive rate and true-positive rate, both ascending. */
  roc: z.strictObject({ fpr: curve, tpr: curve }),
  /** Share of the samples in each bin of `detection.edges`; the outer bins also hold what lies beyond. */
  histogram: curve,
});

/** `report.json`: every number and curve that the dashboard shows. Nothing in it depends on the clock, but `studies.seconds`. */
export const ReportSchema = z.strictObject({
  /** The figures of the benchmarks, under the benchmarks' keys. */
  headline: z.record(z.string(), finite),
  /** One entry an epoch. Loss: the training objective per sample. */
  training: z.strictObject({
    loss: z.string(),
    train_loss: curve,
    validation_loss: curve,
    learning_rate: curve,
    best_epoch: z.int().positive(),
  }),
  /** Mean squared error per feature on the test split, values in 0..1. */
  reconstruction: z.strictObject({
    test_mse: finite,
    pca: z.strictObject({ components: z.int().positive(), test_mse: finite, explained_variance: finite }),
    per_class: z.array(
      z.strictObject({ label: z.string(), count: z.int(), autoencoder_mse: finite, pca_mse: finite }),
    ),
  }),
  /** Corrupted test samples made clean again: peak signal-to-noise ratios in dB. Null unless trained for it. */
  denoising: z
    .strictObject({
      corruption: z.string(),
      level: finite,
      psnr_noisy: finite,
      psnr: finite,
      /** The best rank of PCA. */
      pca: z.strictObject({ components: z.int().positive(), psnr: finite }),
      gain_db: finite,
    })
    .nullable(),
  /** Evidence lower bound of the test split, in nats a sample, one draw of the code each. Null unless variational. */
  test_elbo: finite.nullable(),
  /** Scores of the normal test samples and of each kind of outlier. */
  detection: z.strictObject({
    /** Bin edges of all histograms (log-spaced); bins + 1 numbers. */
    edges: curve,
    test_histogram: curve,
    outliers: z.array(Outliers),
    /** Share of the test split that is flagged at each significance level: it should be near the level. */
    calibration: z.array(z.strictObject({ significance: finite, threshold: finite, flagged: finite })),
    /** Of data with a binary label: how well the scores find the test samples that it calls anomalous; else null. */
    labelled: z
      .strictObject({
        count: z.int().positive(),
        anomalous: z.int().positive(),
        auroc: finite,
        average_precision: finite,
        detectors: DetectorAurocs,
      })
      .nullable(),
  }),
  /** Indices of map points (rows of map.parquet), the most anomalous first. */
  ranking: z.array(z.int().nonnegative()),
  map: z.strictObject({
    kl_divergence: z.array(z.strictObject({ iteration: z.int(), value: finite })),
    /** Leave-one-out 10-NN label accuracy on the map and in the code space; null without labels. */
    knn_accuracy: finite.nullable(),
    code_knn_accuracy: finite.nullable(),
  }),
  /** What `offmanifold studies` found out; null until it has run. */
  studies: StudiesSchema.nullable().default(null),
});

export type Report = z.infer<typeof ReportSchema>;

export function parseReport(json: unknown): Report {
  const parsed = ReportSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new BundleError(`report.json is damaged: ${issue.path.join('.') || 'top level'}: ${issue.message}`);
}

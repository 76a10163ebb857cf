import * as z from 'zod';
import { counting, whole } from './ranges.ts';
import { StudiesSchema } from './studies.ts';
import { validateFile } from './validate.ts';

const finite = z.number();
const curve = z.array(finite);
const DetectorAurocs = z.array(z.strictObject({ name: z.string(), auroc: finite }));

/** How well scores separate normal samples from one kind of outlier. */
const Outliers = z.strictObject({
  name: z.string(),
  description: z.string(),
  count: counting,
  /** For the fused score, and for each detector alone. */
  auroc: finite,
  detectors: DetectorAurocs,
  /** The ROC curve, thinned: false-positive rate and true-positive rate, both ascending. */
  roc: z.strictObject({ fpr: curve, tpr: curve }),
  /** Share of the samples in each bin of `detection.edges`. The outer bins include everything beyond. */
  histogram: curve,
});

/**
 * The distribution of a number or a date over the test split, in raw units: values at the shares {@link QUANTILES}, and how
 * many rows are in each of equal bins between the second quantile and the last but one. The outer bins include everything
 * beyond.
 */
const DistributionSchema = z.strictObject({ quantiles: curve, counts: z.array(whole) });

export type Distribution = z.infer<typeof DistributionSchema>;

/** `report.json`: every number and curve that the dashboard shows. Nothing in it depends on the clock, except `studies.seconds`. */
export /** How well a map keeps neighbourhoods and distances: see training/map/quality.ts. */
const MapQualitySchema = z.strictObject({
  /** How many points were looked at. */
  points: z.int(),
  /** Shares of the 10 and the 100 nearest points that are among as many nearest on the map. */
  kept_10: finite,
  /** Null for 200 points or fewer. */
  kept_100: finite.nullable(),
  trustworthiness: finite,
  continuity: finite,
  distance_correlation: finite,
});

export type MapQuality = z.infer<typeof MapQualitySchema>;

/** How far the edge's places for new samples are from those by t-SNE, in units of the map's extent: see training/map/placement.ts. */
const PlacementErrorSchema = z.strictObject({
  /** How many points were placed. */
  points: z.int(),
  median: finite,
  /** Nine of ten points are nearer than this. */
  p90: finite,
});

export type PlacementError = z.infer<typeof PlacementErrorSchema>;

const ReportSchema = z.strictObject({
  /** Headline figures, under the keys that the benchmarks use. */
  headline: z.record(z.string(), finite),
  /** One entry per epoch. Loss: the training objective per sample. */
  training: z.strictObject({
    loss: z.string(),
    train_loss: curve,
    validation_loss: curve,
    learning_rate: curve,
    best_epoch: counting,
  }),
  /** Mean squared error per feature on the test split, values in 0..1. */
  reconstruction: z.strictObject({
    test_mse: finite,
    pca: z.strictObject({ components: counting, test_mse: finite, explained_variance: finite }),
    per_class: z.array(
      z.strictObject({ label: z.string(), count: z.int(), autoencoder_mse: finite, pca_mse: finite }),
    ),
  }),
  /** Peak signal-to-noise ratios, in dB, of corrupted test samples and of their reconstructions. Null unless the model denoises. */
  denoising: z
    .strictObject({
      corruption: z.string(),
      level: finite,
      psnr_noisy: finite,
      psnr: finite,
      /** PCA with the best number of components. */
      pca: z.strictObject({ components: counting, psnr: finite }),
      gain_db: finite,
    })
    .nullable(),
  /** Evidence lower bound of the test split, in nats per sample, with one draw of the code each. Null unless variational. */
  test_elbo: finite.nullable(),
  /** Scores for the normal test samples and for each kind of outlier. */
  detection: z.strictObject({
    /** Bin edges of all histograms, log-spaced: bins + 1 numbers. */
    edges: curve,
    test_histogram: curve,
    outliers: z.array(Outliers),
    /** Share of the test split that is flagged at each significance level. It should be close to the level. */
    calibration: z.array(z.strictObject({ significance: finite, threshold: finite, flagged: finite })),
    /** For data with a binary label: how well the scores find the anomalous test samples. Otherwise null. */
    labelled: z
      .strictObject({
        /** The anomalous class. Absent from older bundles. */
        class: z.string().optional(),
        count: counting,
        anomalous: counting,
        auroc: finite,
        average_precision: finite,
        detectors: DetectorAurocs,
      })
      .nullable(),
  }),
  /** Indices of map points (rows of map.parquet), the most anomalous first. */
  ranking: z.array(whole),
  map: z.strictObject({
    kl_divergence: z.array(z.strictObject({ iteration: z.int(), value: finite })),
    /** How often the 10 nearest points vote for a point's label, on the map and by code; null without labels. */
    knn_accuracy: finite.nullable(),
    code_knn_accuracy: finite.nullable(),
    /** How many points these are measured on, the test points, each by its neighbours among all points. Absent in older bundles: all. */
    accuracy_points: counting.optional(),
    /** The share of the true neighbours by code that an approximate search has found, measured on a sample; absent after an exact one. */
    recall: finite.optional(),
    /** Null in older bundles, for maps of 20 points or fewer, and with the metric manhattan. */
    quality: MapQualitySchema.nullable().default(null),
    /** Null in older bundles, and for maps of 20 points or fewer. */
    placement: PlacementErrorSchema.nullable().default(null),
  }),
  /**
   * Of each column, null for flags and categories, whose frequencies are in the manifest. Null for images, for very many
   * columns, and in older bundles.
   */
  columns: z.array(DistributionSchema.nullable()).nullable().default(null),
  /** The results of `offmanifold studies`; null until it has run. */
  studies: StudiesSchema.nullable().default(null),
});

export type Report = z.infer<typeof ReportSchema>;

/** Parses `report.json`. Throws a BundleError if it does not match the schema. */
export const parseReport = (json: unknown): Report => validateFile(ReportSchema, json, 'report.json');

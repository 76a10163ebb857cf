import * as z from 'zod';

/**
 * The outputs of `scorer.onnx` for n samples of f features with a code of d dimensions, row-major.
 * Its one input is `input`: n × f raw values, float32.
 */
export interface ScorerOutput {
  /** n × d */
  code: Float32Array;
  /** n × f, in raw units */
  reconstruction: Float32Array;
  /** n × f: squared error of each feature, in scaled units (0..1) */
  feature_error: Float32Array;
  /** n × f: how much of the score each feature accounts for; 1 in all, or 0 where nothing is found */
  feature_share: Float32Array;
  /**
   * n × k: how surprised each detector is, −log P(a score so high) of samples like those of training, in nats;
   * k and their names are in the manifest
   */
  detectors: Float32Array;
  /** n: the mean of the surprises; larger is more anomalous */
  score: Float32Array;
  /** n: conformal p-value, (1 + #{calibration scores ≥ score}) / (calibration count + 1) */
  p_value: Float32Array;
}

export const SCORER_INPUT = 'input';
export const SCORER_OUTPUTS = [
  'code',
  'reconstruction',
  'feature_error',
  'feature_share',
  'detectors',
  'score',
  'p_value',
] as const;

/** A scorer: whatever runs `scorer.onnx` or its equal. `samples` is n × f raw values, row-major. */
export interface Engine {
  readonly name: string;
  run(samples: Float32Array, n: number): Promise<ScorerOutput>;
}

/**
 * A p-value of the scorer counted again in doubles. The graph counts in float32, in which 0.05 is not quite
 * 0.05; of `calibrationCount` scores it can only be a multiple of 1 / (calibrationCount + 1).
 */
export const exactPValue = (pValue: number, calibrationCount: number): number =>
  Math.round(pValue * (calibrationCount + 1)) / (calibrationCount + 1);

/** The least p-value that so many calibration scores can give: that of a sample above all of them. */
export const smallestPValue = (calibrationCount: number): number => 1 / (calibrationCount + 1);

/** What one value of a sample is: a number; of a table also a text, or null where it is missing. */
const ValueSchema = z.union([z.number(), z.string(), z.null()]);

/**
 * One feature's part in a score. `value` and `expected` (the reconstruction) are in raw units; of a table's
 * categories, flags and dates they are texts. `expected` is null for a date of which only the time of day and
 * the day of the week are modelled.
 */
export const FeatureSchema = z.strictObject({
  index: z.int().nonnegative(),
  /** The column of a table. */
  name: z.string().optional(),
  /** The place of an image's pixel. */
  row: z.int().nonnegative().optional(),
  column: z.int().nonnegative().optional(),
  value: ValueSchema,
  expected: ValueSchema,
  /** Squared error, in the units of training. */
  error: z.number().nonnegative(),
  /** How much of the score it accounts for. */
  share: z.number().min(0).max(1),
});

/** How surprised one detector is: −log P(so high a score), in nats. */
export const SurpriseSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  family: z.string(),
  surprise: z.number(),
});

export const PlacementSchema = z.strictObject({
  x: z.number(),
  y: z.number(),
  neighbours: z.array(
    z.strictObject({
      index: z.int().nonnegative(),
      id: z.int().nonnegative(),
      distance: z.number().nonnegative(),
    }),
  ),
});

/** The answer for one sample, the same from the API and from the engine in a browser. */
export const ScoreSchema = z.strictObject({
  score: z.number().nonnegative(),
  p_value: z.number().gt(0).max(1),
  anomalous: z.boolean(),
  /** Whether it is a discovery at the false discovery rate that was asked for. */
  discovery: z.boolean().optional(),
  /** Every detector, the most surprised first. */
  detectors: z.array(SurpriseSchema).optional(),
  /** The features that account for most of the score, the largest share first. */
  features: z.array(FeatureSchema).optional(),
  map: PlacementSchema.optional(),
});

export type Feature = z.infer<typeof FeatureSchema>;
export type Surprise = z.infer<typeof SurpriseSchema>;

/** What `POST /api/v1/score` answers. */
export const ScoreResponseSchema = z.strictObject({
  model_id: z.string(),
  engine: z.string(),
  significance: z.number(),
  /** Of the batch: how many discoveries, and the largest p-value among them (null if there are none). */
  fdr: z
    .strictObject({
      q: z.number().gt(0).lt(1),
      discoveries: z.int().nonnegative(),
      threshold: z.number().nullable(),
    })
    .optional(),
  /** Fields of the records that are no columns of the training data: passed over. */
  unused_fields: z.array(z.string()).optional(),
  results: z.array(ScoreSchema),
});

export type ScoreResponse = z.infer<typeof ScoreResponseSchema>;

/** A feature of one sample, as the graph answers it: `value` and `expected` are raw. */
export interface SurprisingFeature {
  index: number;
  value: number;
  expected: number;
  error: number;
  share: number;
}

/**
 * The `top` features that account for most of the score of sample `i`, the largest share first, equal ones by
 * their error. `samples` is n × features raw values.
 */
export function surprisingFeatures(
  samples: Float32Array,
  output: Pick<ScorerOutput, 'reconstruction' | 'feature_error' | 'feature_share'>,
  i: number,
  features: number,
  top: number,
): SurprisingFeature[] {
  const start = i * features;
  const errors = output.feature_error.subarray(start, start + features);
  const shares = output.feature_share.subarray(start, start + features);
  return Array.from(shares.keys())
    .sort((a, b) => shares[b]! - shares[a]! || errors[b]! - errors[a]! || a - b)
    .slice(0, top)
    .map((index) => ({
      index,
      value: samples[start + index]!,
      expected: output.reconstruction[start + index]!,
      error: errors[index]!,
      // Rounded by float32, one share may be just above 1.
      share: Math.min(shares[index]!, 1),
    }));
}

/** How surprised the manifest's `detectors` are by sample `i`, the most surprised first. */
export function surprises(
  detectors: readonly Omit<Surprise, 'surprise'>[],
  output: Pick<ScorerOutput, 'detectors'>,
  i: number,
): Surprise[] {
  return detectors
    .map((detector, j) => ({ ...detector, surprise: output.detectors[i * detectors.length + j]! }))
    .sort((a, b) => b.surprise - a.surprise);
}

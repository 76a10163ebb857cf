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
  /** n: larger is more anomalous */
  score: Float32Array;
  /** n: conformal p-value, (1 + #{calibration scores ≥ score}) / (calibration count + 1) */
  p_value: Float32Array;
}

export const SCORER_INPUT = 'input';
export const SCORER_OUTPUTS = ['code', 'reconstruction', 'feature_error', 'score', 'p_value'] as const;

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

/** One feature's part in a score. `value` and `expected` (the reconstruction) are in raw units. */
export const FeatureSchema = z.strictObject({
  index: z.int().nonnegative(),
  row: z.int().nonnegative(),
  column: z.int().nonnegative(),
  value: z.number(),
  expected: z.number(),
  error: z.number().nonnegative(),
  share: z.number().min(0).max(1),
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
  features: z.array(FeatureSchema).optional(),
  map: PlacementSchema.optional(),
});

export type Feature = z.infer<typeof FeatureSchema>;

/** What `POST /api/v1/score` answers. */
export const ScoreResponseSchema = z.strictObject({
  model_id: z.string(),
  engine: z.string(),
  significance: z.number(),
  results: z.array(ScoreSchema),
});

export type ScoreResponse = z.infer<typeof ScoreResponseSchema>;

/**
 * The `top` features with the largest error of sample `i`, largest first.
 * `samples` is n × f raw values; `width` the features in a row of the image.
 */
export function surprisingFeatures(
  samples: Float32Array,
  output: ScorerOutput,
  i: number,
  { features, width, top }: { features: number; width: number; top: number },
): Feature[] {
  const start = i * features;
  const errors = output.feature_error.subarray(start, start + features);
  const total = errors.reduce((sum, error) => sum + error, 0);
  return Array.from(errors.keys())
    .sort((a, b) => errors[b] - errors[a] || a - b)
    .slice(0, top)
    .map((index) => ({
      index,
      row: Math.floor(index / width),
      column: index % width,
      value: samples[start + index],
      expected: output.reconstruction[start + index],
      error: errors[index],
      share: total > 0 ? errors[index] / total : 0,
    }));
}

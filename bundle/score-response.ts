import * as z from 'zod';
import { nonNegative, properShare, share, whole } from './ranges.ts';
import type { ScorerOutput } from './scorer.ts';

/**
 * One feature's part in a score. `value` and `expected` (the reconstruction) are in raw units; for the categories,
 * flags and dates of a table they are strings. `expected` is null for a date if the model sees only its time of day
 * and weekday.
 */
function makeFeatureSchema() {
  /** A value of a sample: a number, or in a table also a string, or null if missing. */
  const value = z.union([z.number(), z.string(), z.null()]);
  return z.strictObject({
    index: whole,
    /** For a table: the column. */
    name: z.string().optional(),
    /** For an image: the pixel. */
    row: whole.optional(),
    column: whole.optional(),
    value,
    expected: value,
    /** Squared error, in the units of training. */
    error: nonNegative,
    /** Its share of the score. */
    share,
  });
}

/** One detector's surprise: −log P(a score this high) for normal samples, in nats. */
const makeSurpriseSchema = () =>
  z.strictObject({
    name: z.string(),
    title: z.string(),
    family: z.string(),
    surprise: z.number(),
  });

const makePlacementSchema = () =>
  z.strictObject({
    x: z.number(),
    y: z.number(),
    neighbours: z.array(
      z.strictObject({
        index: whole,
        id: whole,
        distance: nonNegative,
      }),
    ),
  });

/** The result for one sample, from the API or from the engine in a browser. */
const makeScoreSchema = () =>
  z.strictObject({
    score: nonNegative,
    p_value: z.number().gt(0).max(1),
    anomalous: z.boolean(),
    /** Whether it is a discovery at the requested false discovery rate. */
    discovery: z.boolean().optional(),
    /** All detectors, the most surprised first. */
    detectors: z.array(makeSurpriseSchema()).optional(),
    /** The features with the largest shares of the score, in descending order. */
    features: z.array(makeFeatureSchema()).optional(),
    map: makePlacementSchema().optional(),
  });

const makeScoreResponseSchema = () =>
  z
    .strictObject({
      model_id: z.string(),
      engine: z.string(),
      significance: z.number(),
      /** For the batch: the number of discoveries, and the largest p-value among them (null if there are none). */
      fdr: z
        .strictObject({
          q: properShare,
          discoveries: whole,
          threshold: z.number().nullable(),
        })
        .optional(),
      /** Ignored fields of the records: they are no columns of the training data. */
      unused_fields: z.array(z.string()).optional(),
      /** Values that no training row had, by column: scores ignore them. */
      unknown_values: z
        .array(
          z.strictObject({
            column: z.string(),
            /** Instances with a new category. */
            unknown: whole,
            /** Instances with a gap in a column that had none. */
            missing: whole,
          }),
        )
        .optional(),
      results: z.array(makeScoreSchema()),
    })
    .meta({ id: 'Scores' });

let schema: ReturnType<typeof makeScoreResponseSchema> | undefined;

/** The response of `POST /api/v1/score`. Made when it is first asked for: a Worker that only scores starts without it. */
export const scoreResponseSchema = () => (schema ??= makeScoreResponseSchema());

export type ScoreResponse = z.infer<ReturnType<typeof makeScoreResponseSchema>>;
type Score = ScoreResponse['results'][number];
export type Feature = NonNullable<Score['features']>[number];
export type Surprise = NonNullable<Score['detectors']>[number];

/** A feature of one sample as the scorer returns it: `value` and `expected` are raw values. */
export interface SurprisingFeature {
  index: number;
  value: number;
  expected: number;
  error: number;
  share: number;
}

/**
 * The `top` features with the largest shares of the score of sample `i`, in descending order; equal shares are ordered
 * by error. `samples`: n × features raw values.
 */
export function rankFeatures(
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
      // float32 may round a share to just above 1.
      share: Math.min(shares[index]!, 1),
    }));
}

/** The surprises of the manifest's `detectors` at sample `i`, the largest first. */
export function rankSurprises(
  detectors: readonly Omit<Surprise, 'surprise'>[],
  output: Pick<ScorerOutput, 'detectors'>,
  i: number,
): Surprise[] {
  return detectors
    .map((detector, j) => ({ ...detector, surprise: output.detectors[i * detectors.length + j]! }))
    .sort((a, b) => b.surprise - a.surprise);
}

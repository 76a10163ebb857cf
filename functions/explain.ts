import { z } from '@hono/zod-openapi';
import type { Manifest } from '../bundle/manifest.ts';
import {
  FeatureSchema,
  ScoreResponseSchema,
  type ScorerOutput,
  ScoreSchema,
  surprisingFeatures,
} from '../bundle/scoring.ts';

/** One feature's part in a score. Only the features of images have a row and a column. */
const ExplainedSchema = FeatureSchema.partial({ row: true, column: true });

const ResultSchema = ScoreSchema.extend({ features: z.array(ExplainedSchema).optional() });

/** What a score request is answered. */
export const AnswerSchema = ScoreResponseSchema.extend({ results: z.array(ResultSchema) }).openapi('Scores');

export type Result = z.infer<typeof ResultSchema>;
export type Answer = z.infer<typeof AnswerSchema>;

/** The `top` features of sample i with the largest error, largest first. `samples`: n × features, raw values. */
export function explain(
  samples: Float32Array,
  output: ScorerOutput,
  i: number,
  { shape, features }: Manifest['data'],
  top: number,
): z.infer<typeof ExplainedSchema>[] {
  const [, columns, channels] = shape.length === 3 ? shape : [1, features, 1];
  const found = surprisingFeatures(samples, output, i, { features, width: columns * channels, top });
  return found.map(({ index, row, column, ...part }) =>
    shape.length === 3 ? { index, row, column: Math.floor(column / channels), ...part } : { index, ...part },
  );
}

import { z } from '@hono/zod-openapi';
import { displayValue } from '../../bundle/column-display.ts';
import { isClock } from '../../bundle/column-schema.ts';
import { shortestFloat } from '../../bundle/float.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { type Feature, rankFeatures, ScoreResponseSchema } from '../../bundle/score-response.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';

/** What a score request is answered. Made here anew: only what is made by this `z` has a name in openapi.json. */
export const AnswerSchema = z.strictObject(ScoreResponseSchema.shape).openapi('Scores');

export type Answer = z.infer<typeof AnswerSchema>;

/**
 * The `top` features that account for most of the score of sample i, the largest share first: of an image with
 * row and column, of a table with the column's name and values as a person writes them; no date is expected of a
 * clock. `samples`: n × features,
 * raw values.
 */
export function explain(
  samples: Float32Array,
  output: ScorerOutput,
  i: number,
  { shape, features, scaling }: Manifest['data'],
  top: number,
): Feature[] {
  const found = rankFeatures(samples, output, i, features, top);
  if (scaling.kind === 'columns') {
    return found.map(({ index, value, expected, ...part }) => {
      const column = scaling.columns[index]!;
      const shown = (raw: number) => {
        if (Number.isNaN(raw)) return null;
        return column.kind === 'number' ? shortestFloat(raw) : displayValue(column, raw);
      };
      return {
        index,
        name: column.name,
        value: shown(value),
        expected: isClock(column) ? null : shown(expected),
        ...part,
      };
    });
  }
  if (shape.length !== 3) return found;
  const [, columns, channels] = shape;
  return found.map(({ index, ...part }) => {
    const pixel = Math.floor(index / channels!);
    return { index, row: Math.floor(pixel / columns!), column: pixel % columns!, ...part };
  });
}

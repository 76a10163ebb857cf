import * as z from 'zod';
import { type Manifest, ManifestSchema } from '../../bundle/manifest.ts';
import { smallestPValue } from '../../bundle/p-value.ts';
import { withoutCategories } from '../model/redact.ts';
import { answerUnlessKnown } from './etag.ts';
import { COMMON_PROBLEMS, GUARD_PROBLEMS, type Route } from './route.ts';

const { data, architecture, training, scorer, headline, versions, run } = ManifestSchema.shape;

const ModelSchema = z
  .strictObject({
    model_id: z.string(),
    name: z.string(),
    created_at: run.shape.created_at,
    data: data.omit({ splits: true }),
    architecture,
    training,
    scorer: scorer.extend({ smallest_p_value: z.number() }),
    headline,
    versions,
  })
  .meta({ id: 'Model' });

function summarise(manifest: Manifest): z.infer<typeof ModelSchema> {
  const { splits: _, ...data } = manifest.data;
  return {
    model_id: manifest.model_id,
    name: manifest.name,
    created_at: manifest.run.created_at,
    data,
    architecture: manifest.architecture,
    training: manifest.training,
    scorer: { ...manifest.scorer, smallest_p_value: smallestPValue(manifest.scorer.calibration_count) },
    headline: manifest.headline,
    versions: manifest.versions,
  };
}

/** Describes the deployed model. */
export const modelSummary: Route = {
  method: 'get',
  path: '/api/v1/model',
  scope: 'score',
  async handle(c, model, { showCategories }) {
    const manifest = await model.manifest();
    const shown = showCategories ? manifest : withoutCategories(manifest);
    return answerUnlessKnown(c, manifest.model_id, () => summarise(shown));
  },
  describe: (manifest) => ({
    summary: 'Describe the deployed model',
    tags: ['service'],
    responses: {
      200: {
        description: 'The model: its data, architecture, training, thresholds and headline figures.',
        content: { 'application/json': { schema: ModelSchema, example: summarise(manifest) } },
      },
      304: { description: 'The model has not changed since the one in If-None-Match.' },
      ...GUARD_PROBLEMS,
      ...COMMON_PROBLEMS,
    },
  }),
};

import type * as z from 'zod';
import type { Manifest } from '../../bundle/manifest.ts';
import { smallestPValue } from '../../bundle/p-value.ts';
import { answerUnlessKnown, tagJson } from './etag.ts';
import type { ModelSchema } from './model-schema.ts';
import { COMMON_PROBLEMS, GUARD_PROBLEMS, type Route, UNCHANGED } from './route.ts';

function summarise(manifest: Manifest, showData: boolean): z.infer<typeof ModelSchema> {
  const { splits: _, scaling, classes, ...data } = manifest.data;
  return {
    model_id: manifest.model_id,
    name: manifest.name,
    created_at: manifest.run.created_at,
    data: showData ? { ...data, scaling, classes } : data,
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
  async handle(c, model, { showData }) {
    const manifest = await model.manifest();
    c.set('facts', { model: manifest.model_id });
    return answerUnlessKnown(c, await tagJson(summarise(manifest, showData)));
  },
  describe: async (manifest, { showData }) => ({
    summary: 'Describe the deployed model',
    tags: ['service'],
    responses: {
      200: {
        description: 'The model: its data, architecture, training, thresholds and headline figures.',
        headers: ['Cache-Control', 'ETag'],
        content: {
          'application/json': {
            // The schema of a whole manifest takes longer to make than all others: it is made when it is asked for.
            schema: (await import('./model-schema.ts')).ModelSchema,
            example: summarise(manifest, showData),
          },
        },
      },
      ...UNCHANGED,
      ...GUARD_PROBLEMS,
      ...COMMON_PROBLEMS,
    },
  }),
};

import { z } from '@hono/zod-openapi';
import { type Manifest, ManifestSchema } from '../../bundle/manifest.ts';
import { smallestPValue } from '../query.ts';
import { cachedByModel, type Route, SERVICE_PROBLEMS } from './route.ts';

const { data, architecture, scorer, headline, versions, run } = ManifestSchema.shape;

const ModelSchema = z
  .strictObject({
    model_id: z.string(),
    name: z.string(),
    created_at: run.shape.created_at,
    data: data.omit({ splits: true }),
    architecture,
    scorer: scorer.extend({ smallest_p_value: z.number() }),
    headline,
    versions,
  })
  .openapi('Model');

function summary({ model_id, name, run, data, ...manifest }: Manifest): z.infer<typeof ModelSchema> {
  const { splits: _, ...shape } = data;
  return {
    model_id,
    name,
    created_at: run.created_at,
    data: shape,
    architecture: manifest.architecture,
    scorer: {
      ...manifest.scorer,
      smallest_p_value: smallestPValue({ ...manifest, model_id, name, run, data }),
    },
    headline: manifest.headline,
    versions: manifest.versions,
  };
}

/** What the deployed model is. */
export const modelSummary: Route = {
  method: 'get',
  path: '/api/v1/model',
  async handle(c, model) {
    const manifest = await model.manifest();
    return cachedByModel(c, manifest.model_id, summary(manifest));
  },
  describe: (manifest) => ({
    summary: 'What the deployed model is',
    tags: ['service'],
    responses: {
      200: {
        description: 'The model: its data, architecture, thresholds and headline figures.',
        content: { 'application/json': { schema: ModelSchema, example: summary(manifest) } },
      },
      304: { description: 'The model is still the one named in If-None-Match.' },
      ...SERVICE_PROBLEMS,
    },
  }),
};

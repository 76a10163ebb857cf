import * as z from 'zod';
import { COMMON_PROBLEMS, type Route } from './route.ts';

const HealthSchema = z
  .strictObject({ status: z.literal('ok'), model_id: z.string(), engine: z.string() })
  .meta({ id: 'Health' });

/** Checks that the service can score: opens every part of the model that is not open yet. */
export const health: Route = {
  method: 'get',
  path: '/api/v1/health',
  async handle(c, model) {
    const [manifest, engine] = await Promise.all([model.manifest(), model.engine(), model.codes()]);
    c.set('facts', { model: manifest.model_id });
    const body: z.infer<typeof HealthSchema> = {
      status: 'ok',
      model_id: manifest.model_id,
      engine: engine.name,
    };
    return c.json(body, 200, { 'Cache-Control': 'no-store' });
  },
  describe: () => ({
    summary: 'Check that the service can score',
    tags: ['service'],
    responses: {
      200: {
        description: 'The service can score.',
        headers: ['Cache-Control'],
        content: { 'application/json': { schema: HealthSchema } },
      },
      ...COMMON_PROBLEMS,
    },
  }),
};

import { OpenAPIHono } from '@hono/zod-openapi';
import type { Manifest } from '../../bundle/manifest.ts';
import { cachedByModel, type Route, SERVICE_PROBLEMS } from './route.ts';

/** The description of the routes, and of itself, in OpenAPI 3.1. */
export function openapi(routes: readonly Route[]): Route {
  const self: Route = {
    method: 'get',
    path: '/api/openapi.json',
    async handle(c, model) {
      const manifest = await model.manifest();
      return cachedByModel(c, manifest.model_id, describe([...routes, self], manifest));
    },
    describe: () => ({
      summary: 'This description',
      tags: ['description'],
      responses: {
        200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
        304: {
          description: 'The model, and with it the description, is still the one named in If-None-Match.',
        },
        ...SERVICE_PROBLEMS,
      },
    }),
  };
  return self;
}

function describe(routes: readonly Route[], manifest: Manifest) {
  const described = new OpenAPIHono();
  for (const { method, path, describe } of routes) {
    described.openAPIRegistry.registerPath({ method, path, ...describe(manifest) });
  }
  return described.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'offmanifold',
      version: 'v1',
      description: [
        `Scores samples for anomaly with the model \`${manifest.name}\`, an autoencoder trained on`,
        `${manifest.data.name}. Anomalies lie off the manifold. No key is needed; requests may come from`,
        'any origin. Whatever goes wrong is answered by an RFC 9457 `application/problem+json`.',
      ].join(' '),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

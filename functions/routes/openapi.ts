import { OpenAPIHono } from '@hono/zod-openapi';
import type { Manifest } from '../../bundle/manifest.ts';
import { COMMON_PROBLEMS, type Route } from './route.ts';

/** The description of the routes, and of itself, in OpenAPI 3.1. */
export function openapi(routes: readonly Route[]): Route {
  const self: Route = {
    method: 'get',
    path: '/api/openapi.json',
    async handle(c, model) {
      const description = describe([...routes, self], await model.manifest());
      return c.json(description, 200, { 'Cache-Control': 'no-cache' });
    },
    describe: () => ({
      summary: 'This description',
      tags: ['description'],
      responses: {
        200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
        ...COMMON_PROBLEMS,
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
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

import { OpenAPIHono } from '@hono/zod-openapi';
import type { Manifest } from '../../bundle/manifest.ts';
import { COMMON_PROBLEMS, type Route } from './route.ts';

/** Describes the routes, and itself, in OpenAPI 3.1. */
export function openapi(routes: readonly Route[]): Route {
  const self: Route = {
    method: 'get',
    path: '/api/openapi.json',
    async handle(c, model) {
      const description = describe([...routes, self], await model.manifest());
      return c.json(description, 200, { 'Cache-Control': 'no-cache' });
    },
    describe: () => ({
      summary: 'This OpenAPI document',
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
        `${manifest.data.name}. Anomalies lie off the manifold. No API key is needed, and any origin may send`,
        'requests. Errors are RFC 9457 problem details, `application/problem+json`.',
      ].join(' '),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

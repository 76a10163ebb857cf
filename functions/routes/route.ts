import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Model } from '../model.ts';
import { ProblemSchema } from '../problem.ts';

/** One path of the API with the one method that it answers. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  handle(c: Context, model: Model): Response | Promise<Response>;
  /** What openapi.json says of it, for the model of the manifest. */
  describe(manifest: Manifest): Omit<RouteConfig, 'method' | 'path'>;
}

/** The description of an answer that is a problem. */
export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ProblemSchema } },
});

/** The answers that every path may give when something is wrong with the service itself. */
export const SERVICE_PROBLEMS = {
  500: problem('The service failed to answer.'),
  503: problem('The deployed model is damaged; `detail` says which file and how.'),
};

/** An answer that may be kept for as long as the model stays the same: caches ask again, and get a 304. */
export function cachedByModel(c: Context, modelId: string, body: object): Response {
  const etag = `"${modelId}"`;
  const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
  const known = c.req.header('If-None-Match')?.split(',') ?? [];
  const same = known.some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
  return same ? c.body(null, 304, headers) : c.json(body, 200, headers);
}

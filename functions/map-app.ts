import { Hono } from 'hono';
import type { MapManifest } from '../bundle/map-bundle.ts';
import type { ApiEnv } from './http/context.ts';
import { protectAnswers } from './http/headers.ts';
import { shorten } from './http/names.ts';
import { Problem, toProblem } from './http/problem.ts';
import { nameRequests } from './http/request-id.ts';

const HEALTH = '/api/v1/health';

/** The methods that {@link HEALTH} accepts. */
const ALLOW = 'GET, HEAD, OPTIONS';

/** The API beside the dashboard of a map without a model: it says that it is up, and that it scores nothing. */
export function createMapApp({ name, model_id }: Pick<MapManifest, 'name' | 'model_id'>): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use(nameRequests);
  app.use(protectAnswers);
  app.get(HEALTH, (c) => c.json({ status: 'ok', model_id }, 200, { 'Cache-Control': 'no-store' }));
  app.options(HEALTH, (c) => c.body(null, 204, { Allow: ALLOW }));
  app.all(HEALTH, (c) => {
    const detail = `${HEALTH} does not accept ${shorten(c.req.method)}: expected GET, HEAD`;
    throw new Problem('method-not-allowed', detail, { Allow: ALLOW });
  });
  app.notFound(() =>
    new Problem(
      'not-found',
      `${name} is a map without a model, so there is nothing to score with: expected ${HEALTH}, or the dashboard at /`,
    ).toResponse(),
  );
  app.onError((error, c) => toProblem(error, c.get('requestId')).toResponse());
  return app;
}

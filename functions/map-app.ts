import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { MapManifest } from '../bundle/map-bundle.ts';
import type { ApiEnv } from './http/context.ts';
import { Problem, toProblem } from './http/problem.ts';
import { nameRequests } from './http/request-id.ts';

/** The API beside the dashboard of a map without a model: it says that it is up, and that it scores nothing. */
export function createMapApp({ name, model_id }: Pick<MapManifest, 'name' | 'model_id'>): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use(nameRequests);
  app.use(secureHeaders({ strictTransportSecurity: false, xFrameOptions: 'DENY' }));
  app.get('/api/v1/health', (c) => c.json({ status: 'ok', model_id }, 200, { 'Cache-Control': 'no-store' }));
  app.notFound(() =>
    new Problem(
      'not-found',
      `${name} is a map without a model, so there is nothing to score with: expected /api/v1/health, or the dashboard at /`,
    ).toResponse(),
  );
  app.onError((error, c) => toProblem(error, c.get('requestId')).toResponse());
  return app;
}

import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { ApiEnv } from './http/context.ts';
import { guard } from './http/guard.ts';
import { protectAnswers } from './http/headers.ts';
import { logRequests } from './http/log.ts';
import { shorten } from './http/names.ts';
import { Problem, toProblem } from './http/problem.ts';
import { nameRequests } from './http/request-id.ts';
import { DEFAULT_SETTINGS, type Settings } from './http/settings.ts';
import type { Model } from './model/model.ts';
import { docs } from './routes/docs.ts';
import { health } from './routes/health.ts';
import { modelSummary } from './routes/model.ts';
import { openapi } from './routes/openapi.ts';
import { score } from './routes/score.ts';

/** Headers of answers that a page of another origin may read. */
const EXPOSED = [
  'ETag',
  'Allow',
  'Accept',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
  'Server-Timing',
];

/** Creates the API for one model. */
export function createApp(model: Model, settings: Settings = DEFAULT_SETTINGS): Hono<ApiEnv> {
  const described = [score, modelSummary, health, docs];
  const routes = [...described, openapi(described)];
  const allowed = new Map(routes.map(({ method, path }) => [path, method === 'get' ? 'GET, HEAD' : 'POST']));
  const app = new Hono<ApiEnv>();
  app.use(nameRequests);
  if (settings.log) app.use(logRequests(settings.log));
  const origin = settings.origins.includes('*') ? '*' : [...settings.origins];
  const share = cors({ origin, allowMethods: ['GET', 'POST'], exposeHeaders: EXPOSED, maxAge: 86_400 });
  app.use(async (c, next) => {
    if (c.req.method === 'OPTIONS') {
      const methods = allowed.get(c.req.path);
      if (methods) c.header('Allow', `${methods}, OPTIONS`);
      return share(c, next);
    }
    // Headers that are set before there is an answer would make a copy of it.
    await next();
    await share(c, async () => {});
  });
  app.use(protectAnswers);
  for (const { method, path, scope, handle } of routes) {
    app.on(method, path, guard(settings, scope));
    app.on(method, path, (c) => handle(c, model, settings));
    app.all(path, (c) => {
      const methods = allowed.get(path);
      const detail = `${path} does not accept ${shorten(c.req.method)}: expected ${methods}`;
      throw new Problem('method-not-allowed', detail, { Allow: `${methods}, OPTIONS` });
    });
  }
  app.notFound((c) => {
    const paths = routes.map(({ path }) => path).join(', ');
    return new Problem(
      'not-found',
      `unknown path ${shorten(c.req.path)}: expected one of ${paths}`,
    ).toResponse();
  });
  app.onError((error, c) => toProblem(error, c.get('requestId')).toResponse());
  return app;
}

import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { Problem, toProblem } from './http/problem.ts';
import type { Model } from './model/model.ts';
import { docs } from './routes/docs.ts';
import { health } from './routes/health.ts';
import { modelSummary } from './routes/model.ts';
import { openapi } from './routes/openapi.ts';
import { score } from './routes/score.ts';

/** Creates the API for one model. */
export function createApp(model: Model): Hono {
  const described = [score, modelSummary, health, docs];
  const routes = [...described, openapi(described)];
  const app = new Hono();
  app.use(cors({ origin: '*', allowMethods: ['GET', 'POST'], exposeHeaders: ['ETag'], maxAge: 86_400 }));
  for (const { method, path, handle } of routes) {
    app.on(method, path, (c) => handle(c, model));
    app.all(path, (c) => {
      const allowed = method === 'get' ? 'GET, HEAD' : 'POST';
      const detail = `${path} does not accept ${c.req.method}: expected ${allowed}`;
      throw new Problem('method-not-allowed', detail, { Allow: `${allowed}, OPTIONS` });
    });
  }
  app.notFound((c) => {
    const paths = routes.map(({ path }) => path).join(', ');
    return new Problem('not-found', `unknown path ${c.req.path}: expected one of ${paths}`).toResponse();
  });
  app.onError((error) => toProblem(error).toResponse());
  return app;
}

import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { ApiEnv } from './context.ts';
import { Problem } from './problem.ts';

/**
 * Writes one line of JSON for each request once it is answered, a client's mistakes included. It tells the route, not the
 * path, and no query, header, address or value: what a client sends stays out of the log. `ms` is wall time, and on
 * Cloudflare only the time that was spent waiting, because clocks stand still there while code runs.
 */
export function logRequests(log: (line: string) => void): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const start = performance.now();
    await next();
    const { error, res, req } = c;
    log(
      JSON.stringify({
        id: c.get('requestId'),
        method: METHODS.has(req.method) ? req.method : 'other',
        route: routePath(c, -1),
        status: res.status,
        problem: error instanceof Problem ? error.kind : undefined,
        ...c.get('facts'),
        ms: Math.round(performance.now() - start),
      }),
    );
  };
}

/** Other methods are text of the client's choice. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

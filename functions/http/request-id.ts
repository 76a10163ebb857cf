import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './context.ts';

/** What is taken over from a request, and stands in headers and logs. */
const ID = /^[\w=-]{1,64}$/;

/**
 * Gives each request an id: the one that it brings, or Cloudflare's own, under which its logs have it, or a new one. Unlike
 * Hono's middleware, it sets the header when the answer is there: before, it would make a copy of the answer.
 */
export const nameRequests: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const known = [c.req.header('X-Request-Id'), c.req.header('CF-Ray')];
  const id = known.find((given) => given !== undefined && ID.test(given)) ?? crypto.randomUUID();
  c.set('requestId', id);
  await next();
  c.res.headers.set('X-Request-Id', id);
};

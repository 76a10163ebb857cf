import type { MiddlewareHandler } from 'hono';
import { sha256Hex } from '../../bundle/manifest.ts';
import { Problem } from './problem.ts';
import type { Key, Scope, Settings } from './settings.ts';

/** Seconds after which a caller who has called too often may try again. */
const RETRY_AFTER = 60;

/**
 * Lets a call pass if its key may do what it asks for, and its caller has not called too often. A caller is a key, or an
 * address without one. Throws a {@link Problem}: 401 without a valid key, 403 if it may not do that, 429 for too many calls.
 */
export function guard({ keys, allow }: Settings, scope: Scope): MiddlewareHandler {
  return async (c, next) => {
    let caller = c.req.header('CF-Connecting-IP') ?? 'unknown';
    if (keys.length > 0) {
      const key = await findKey(keys, c.req.header('Authorization'));
      if (key.scope !== scope && key.scope !== 'admin') {
        throw new Problem('forbidden', `this key may only ${key.scope}: ${scope} is needed here`);
      }
      caller = key.sha256;
    }
    if (allow && !(await allow(caller))) {
      const detail = `too many requests: try again in ${RETRY_AFTER} seconds`;
      throw new Problem('too-many-requests', detail, { 'Retry-After': String(RETRY_AFTER) });
    }
    await next();
  };
}

/** The key that a request brings. Every key is compared, and each to its end, whatever it is: the time tells nothing. */
async function findKey(keys: readonly Key[], authorization: string | undefined): Promise<Key> {
  const [, token] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  const hash = await sha256Hex(new TextEncoder().encode(token ?? ''));
  let found: Key | undefined;
  for (const key of keys) {
    let difference = 0;
    for (let i = 0; i < hash.length; i++) difference |= hash.charCodeAt(i) ^ key.sha256.charCodeAt(i);
    if (difference === 0) found = key;
  }
  if (token !== undefined && found) return found;
  const why = authorization === undefined ? 'no API key' : 'the API key is not valid';
  throw new Problem('unauthorized', `${why}: expected the header Authorization: Bearer KEY`, {
    'WWW-Authenticate': 'Bearer',
  });
}

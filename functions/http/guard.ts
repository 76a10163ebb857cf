import type { MiddlewareHandler } from 'hono';
import { sha256Hex } from '../../bundle/integrity.ts';
import type { Key, Scope } from '../../bundle/variables.ts';
import { Problem } from './problem.ts';
import type { Settings } from './settings.ts';

/**
 * Lets a call pass if its caller has not called too often, and its key may do what it asks for; no key is needed without a
 * `scope`. A caller is a key, or an address without one. Throws a {@link Problem}: 429 for too many calls, 401 without a
 * valid key, 403 if it may not do that.
 */
export function guard({ keys, addressOf, allow, retrySeconds }: Settings, scope?: Scope): MiddlewareHandler {
  return async (c, next) => {
    const authorization = c.req.header('Authorization');
    const key = keys.length > 0 ? await findKey(keys, authorization) : undefined;
    // Calls without a valid key count, too.
    if (allow && !(await allow(key?.sha256 ?? networkOf(addressOf(c))))) {
      const seconds = retrySeconds();
      const detail = `too many requests: try again in ${seconds} seconds`;
      throw new Problem('too-many-requests', detail, { 'Retry-After': String(seconds) });
    }
    if (scope === undefined) return next();
    if (keys.length > 0 && !key) {
      const why = describeMissing(authorization);
      throw new Problem('unauthorized', `${why}: expected the header Authorization: Bearer KEY`, {
        'WWW-Authenticate': 'Bearer',
      });
    }
    if (key && key.scope !== scope && key.scope !== 'admin') {
      throw new Problem('forbidden', `this key may only ${key.scope}: ${scope} is needed here`);
    }
    await next();
  };
}

function describeMissing(authorization: string | undefined): string {
  if (authorization === undefined) return 'no API key';
  return BEARER.test(authorization)
    ? 'the API key is not valid'
    : 'the API key does not follow the word Bearer';
}

const BEARER = /^Bearer +(\S+) *$/i;

/** The key that a request brings; undefined if it brings none that is valid. Every key is compared, and each to its end, whatever it is: the time tells nothing. */
async function findKey(keys: readonly Key[], authorization: string | undefined): Promise<Key | undefined> {
  const [, token] = BEARER.exec(authorization ?? '') ?? [];
  const hash = await sha256Hex(new TextEncoder().encode(token ?? ''));
  let found: Key | undefined;
  for (const key of keys) {
    let difference = 0;
    for (let i = 0; i < hash.length; i++) difference |= hash.charCodeAt(i) ^ key.sha256.charCodeAt(i);
    if (difference === 0) found = key;
  }
  return token === undefined ? undefined : found;
}

/** The network of an address: all of IPv4, the first half of IPv6, whose other half a client chooses. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...last].slice(0, 4).join(':');
}

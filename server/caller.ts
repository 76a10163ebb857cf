import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import type { Settings } from '../functions/http/settings.ts';

/**
 * Tells callers apart by their address: that of the connection, or the one that a trusted proxy puts into a header. A
 * proxy adds the address that it sees to the end of a list, so only the last one counts: a client can send the others.
 */
export const addressReader =
  (header: string | undefined) =>
  (c: Context): string => {
    const last = header && c.req.header(header)?.split(',').at(-1)?.trim();
    const address = last || getConnInfo(c).remote.address || 'unknown';
    return address.replace(IPV4, '$1').replace(IPV6, '$1');
  };

/**
 * An address without the port, which some proxies add and which is another one for each connection: 192.0.2.1:4711,
 * [2001:db8::1]:4711. To a server that listens on IPv6, an address of IPv4 is ::ffff:192.0.2.1.
 */
const IPV4 = /^\[?(?:::ffff:)?(\d+(?:\.\d+){3})\]?(?::\d+)?$/i;
const IPV6 = /^\[(.*)\](?::\d+)?$/;

/**
 * Allows each caller so many calls in a window of `seconds`. Counts in memory, and begins again with each window, which
 * `retrySeconds` says.
 */
export function limitCalls(
  limit: number,
  seconds: number,
  now = Date.now,
): Required<Pick<Settings, 'allow' | 'retrySeconds'>> {
  const calls = new Map<string, number>();
  const windowAt = () => now() / 1000 / seconds;
  let last = 0;
  return {
    async allow(caller) {
      const current = Math.floor(windowAt());
      if (current !== last) calls.clear();
      last = current;
      const count = (calls.get(caller) ?? 0) + 1;
      calls.set(caller, count);
      return count <= limit;
    },
    retrySeconds: () => Math.ceil(seconds * (1 - (windowAt() % 1))),
  };
}

import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * Tells callers apart by their address: that of the connection, or the one that a trusted proxy puts into a header. A
 * proxy adds the address that it sees to the end of a list, so only the last one counts: a client can send the others.
 */
export const addressReader =
  (header: string | undefined) =>
  (c: Context): string => {
    const last = header && c.req.header(header)?.split(',').at(-1)?.trim();
    // An address of IPv4 looks like this to a server that listens on IPv6, too.
    return (last || getConnInfo(c).remote.address || 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
  };

const WINDOW_MS = 60_000;

/** Allows each caller so many calls a minute. Counts in memory, and begins again with each minute. */
export function limitPerMinute(limit: number, now = Date.now): (caller: string) => Promise<boolean> {
  const calls = new Map<string, number>();
  let minute = 0;
  return async (caller) => {
    const current = Math.floor(now() / WINDOW_MS);
    if (current !== minute) calls.clear();
    minute = current;
    const count = (calls.get(caller) ?? 0) + 1;
    calls.set(caller, count);
    return count <= limit;
  };
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { UserError } from '../bundle/error.ts';

/** How long a client may take. */
const LIMITS = {
  /** To send its headers, and its whole request. Node answers 408 after that. */
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  /** How often Node looks: every half a minute unless told, so that 15 seconds could be 45. */
  connectionsCheckingInterval: 1000,
  /** Until its next request on a connection: longer than the minute for which proxies keep theirs. */
  keepAliveTimeout: 65_000,
};

/** The most connections at a time: more are closed at once. Each takes memory, and a file descriptor. */
const MAX_CONNECTIONS = 4096;

/** The name of this server for clients of HTTP/1.0 that send none, such as the health checks of HAProxy. */
const NAME = 'localhost';

/** How long requests under way may take once the process is told to stop; Docker kills it after 10 s. */
const GRACE_MS = 8_000;

/** Listens, and answers requests with the app. Throws a {@link UserError} if the address cannot be used. */
export async function listen(
  { fetch }: Pick<Hono, 'fetch'>,
  host: string,
  port: number,
  limits = LIMITS,
): Promise<Server> {
  const server = createServer(limits, getRequestListener(fetch, { hostname: NAME }));
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') {
      throw new UserError(`this machine has no address ${host}: choose another with --host`);
    }
    const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`;
    throw new UserError(`port ${port} on ${host} ${why}: choose another with --port`);
  }
  return server;
}

/** The address of a server that listens. */
export function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** Takes no new connections, and closes once the requests under way are answered, or have taken too long. */
export async function close(server: Server, graceMs = GRACE_MS): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that has just got its answer would stay open for a next request.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

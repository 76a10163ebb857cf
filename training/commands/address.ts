import { createServer } from 'node:net';
import { UserError } from '../../bundle/error.ts';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The address cannot be used. */
export class AddressError extends UserError {
  override readonly name = 'AddressError';
}

/** Throws an {@link AddressError} if something already listens there, or nobody can. */
export function assertFree({ host, port }: Address): Promise<void> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND' || error.code === 'EADDRNOTAVAIL') {
        fail(new AddressError(`this machine has no address ${host}: choose another with --host`));
        return;
      }
      const why = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
      fail(new AddressError(`port ${port} on ${host} ${why}: choose another with --port`));
    });
    server.listen(port, host, () => server.close(() => done()));
  });
}

/** The URL by which this machine reaches a server. */
export function urlOf({ host, port }: Address): string {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${near.includes(':') ? `[${near}]` : near}:${port}`;
}

/** Whether only this machine reaches the server. */
export const isLocal = ({ host }: Address): boolean => /^(127\.|::1$|localhost$)/.test(host);

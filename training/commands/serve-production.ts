import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../bundle/error.ts';
import { watchParent } from './parent.ts';
import { DIST } from './paths.ts';

/** What `dist/server.mjs` needs to know; without a model, it serves the one in `dist/`. */
interface ProductionOptions {
  readonly model: string | undefined;
  readonly host: string;
  /** Without one, the variable PORT or the server's default. */
  readonly port: number | undefined;
  /** Without one, the server's default. */
  readonly engine: string | undefined;
  readonly apiOnly: boolean;
}

/** Turns this process into the server that `build` made. It ends with the process. */
export async function serveProduction({
  model,
  host,
  port,
  engine,
  apiOnly,
}: ProductionOptions): Promise<void> {
  const server = join(DIST, 'server.mjs');
  if (!existsSync(server)) {
    throw new UserError('there is no dist/server.mjs to serve: run npx offmanifold build first');
  }
  // The server handles them itself.
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
  process.argv.length = 2;
  process.argv.push('--host', host);
  if (engine !== undefined) process.argv.push('--engine', engine);
  if (port !== undefined) process.argv.push('--port', String(port));
  if (model !== undefined) process.argv.push('--model', model);
  if (apiOnly) process.argv.push('--api-only');
  await watchParent(() => process.kill(process.pid, 'SIGTERM'));
  await import(pathToFileURL(server).href);
}

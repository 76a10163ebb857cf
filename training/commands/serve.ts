import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../bundle/error.ts';
import { verifyFolder } from '../../bundle/folder.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { recordOf, typicalRow } from '../../bundle/record.ts';
import { Progress } from '../console/progress.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { assertNotServed, DIST_LOCK, ROOT, ToolError, toolEnvironment } from './build.ts';

const HOST = '127.0.0.1';
const START_LIMIT_MS = 60_000;

/** The requested port is taken. */
export class PortError extends UserError {
  override readonly name = 'PortError';
}

/**
 * Serves API and dashboard by wrangler's local runtime until it is stopped (Ctrl-C or SIGTERM).
 * wrangler's own build step makes `dist/` from `model` (see wrangler.toml).
 */
export async function serve(model: string, { port }: { port: number }): Promise<void> {
  const progress = new Progress();
  const { manifest } = await verifyFolder(model);
  await assertNotServed();
  await assertFree(port);
  await mkdir(dirname(DIST_LOCK), { recursive: true });
  await writeFile(DIST_LOCK, String(process.pid));
  try {
    await runWorker(model, manifest.data, port, progress);
  } finally {
    await rm(DIST_LOCK, { force: true });
  }
}

async function runWorker(
  model: string,
  data: Manifest['data'],
  port: number,
  progress: Progress,
): Promise<void> {
  progress.line('building the dashboard and starting the Worker');
  const child = spawn(
    join(ROOT, 'node_modules/.bin/wrangler'),
    [
      'dev',
      '--ip',
      HOST,
      '--port',
      String(port),
      '--show-interactive-dev-session=false',
      '--log-level',
      'warn',
    ],
    {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...toolEnvironment(),
        OFFMANIFOLD_MODEL: resolve(model),
        OFFMANIFOLD_SERVER: String(process.pid),
        WRANGLER_SEND_METRICS: 'false',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      },
    },
  );
  let output = '';
  let running = false;
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (data) => {
      if (running) process.stderr.write(data);
      else output += data;
    });
  }
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const stopped = stopOnSignal(child, ended);
  const url = `http://${HOST}:${port}`;
  const ready = await answers(url, AbortSignal.any([AbortSignal.timeout(START_LIMIT_MS), whenDone(ended)]));
  if (!ready) {
    if (stopped()) return;
    await stop(child, ended);
    throw new ToolError(`the Worker did not start:\n${output.trim()}`);
  }
  running = true;
  progress.line(`
  dashboard  ${url}
  API        ${url}/api/v1/score   (documentation: ${url}/docs/)
${scoreExample(url, data)}
  Ctrl-C stops.`);
  await ended;
  if (stopped()) progress.line('stopped');
  else throw new ToolError('the Worker stopped by itself');
}

/** A request longer than this, of a table with many columns, is nothing to copy from a terminal. */
const LONGEST_EXAMPLE = 2000;

/** How to ask for a score, as lines to copy: of MNIST a digit, of a table a typical record; of other data none. */
export function scoreExample(url: string, data: Manifest['data']): string {
  let lines = '';
  if (isMnist(data)) {
    const digit = relative(process.cwd(), join(ROOT, 'docs/digit.png'));
    lines = `
  Score a digit:
  curl -s '${url}/api/v1/score?map=true' -H 'content-type: image/png' --data-binary @${digit}
`;
  } else if (data.scaling.kind === 'columns') {
    const { columns } = data.scaling;
    const body = JSON.stringify({ instances: [recordOf(columns, typicalRow(columns))] });
    lines = `
  Score a record:
  curl -s '${url}/api/v1/score?explain=3' -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'
`;
  }
  return lines.length > LONGEST_EXAMPLE ? '' : lines;
}

/** Throws a {@link PortError} if something already listens on the port. */
export function assertFree(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`;
      fail(new PortError(`port ${port} on ${HOST} ${why}: choose another with --port`));
    });
    server.listen(port, HOST, () => server.close(() => done()));
  });
}

/** Whether the Worker answers before the signal. */
async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const response = await fetch(`${url}/api/v1/health`, { signal }).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(100);
  }
  return false;
}

/** A signal that is aborted when a promise is settled. */
function whenDone(promise: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  void promise.finally(() => controller.abort());
  return controller.signal;
}

/**
 * From here on, when this process is told to stop it stops the child first; told again, at once.
 * The answer says whether it was told.
 */
function stopOnSignal(child: ChildProcess, ended: Promise<unknown>): () => boolean {
  let told = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (told++) signalGroup(child, 'SIGKILL');
      else void stop(child, ended);
    });
  }
  return () => told > 0;
}

/** Ends the child and all that it started: politely first, then not. */
async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGINT');
  const polite = await Promise.race([ended.then(() => true), sleep(5000, false, { ref: false })]);
  if (!polite) signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, name);
  } catch {
    // It has ended already.
  }
}

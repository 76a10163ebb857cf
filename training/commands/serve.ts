import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../bundle/error.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { Lock } from '../../bundle/node/lock.ts';
import { toRecord, typicalRow } from '../../bundle/record.ts';
import { Progress } from '../console/progress.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { ROOT, SERVER_LOCK, SERVER_TOKEN, ToolError, toolEnvironment } from './build.ts';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 180_000;

/** The port cannot be used. */
export class PortError extends UserError {
  override readonly name = 'PortError';
}

/**
 * Serves API and dashboard with wrangler's local runtime until the process is told to stop (Ctrl-C or SIGTERM).
 * wrangler's own build step builds `dist/` from `model`, see wrangler.toml.
 */
export async function serve(model: string, { port }: { port: number }): Promise<void> {
  const progress = new Progress();
  const { manifest } = await verifyFolder(model);
  await mkdir(dirname(SERVER_LOCK.path), { recursive: true });
  using lock = await Lock.take(SERVER_LOCK.path, SERVER_LOCK.purpose);
  await assertFree(port);
  progress.line('building the dashboard and starting the Worker');
  const worker = startWorker(model, port, lock.token);
  const url = `http://${HOST}:${port}`;
  if (await answers(url, worker.ended)) {
    worker.showOutput();
    progress.line(welcome(url, manifest.data));
    await worker.ended;
    if (!worker.stopped()) throw new ToolError('the Worker stopped unexpectedly');
    progress.line('stopped');
  } else if (!worker.stopped()) {
    await stop(worker.child, worker.ended);
    throw new ToolError(`the Worker did not start:\n${worker.output()}`);
  }
}

interface RunningWorker {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  /** What it has printed so far. */
  output(): string;
  /** From now on, passes what it prints on to standard error. */
  showOutput(): void;
  /** Whether it ended, or ends, because this process was told to stop. */
  stopped(): boolean;
}

/** Starts wrangler with the bundle; from then on it stops when this process is told to. */
function startWorker(model: string, port: number, token: string): RunningWorker {
  const flags = ['--ip', HOST, '--port', String(port), '--show-interactive-dev-session=false'];
  const child = spawn(join(ROOT, 'node_modules/.bin/wrangler'), ['dev', ...flags, '--log-level', 'warn'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...toolEnvironment(),
      OFFMANIFOLD_MODEL: resolve(model),
      [SERVER_TOKEN]: token,
      WRANGLER_SEND_METRICS: 'false',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    },
  });
  let output = '';
  let shown = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      if (shown) process.stderr.write(data);
      else output += data;
    });
  }
  const ended = new Promise((done) => child.on('close', done));
  return {
    child,
    ended,
    output: () => output.trim(),
    showOutput: () => {
      shown = true;
    },
    stopped: stopOnSignal(child, ended),
  };
}

const welcome = (url: string, data: Manifest['data']): string => `
  dashboard  ${url}
  API        ${url}/api/v1/score   (documentation: ${url}/docs/)
${scoreExample(url, data)}
  Ctrl-C stops.`;

/** A longer example, for a table with many columns, is nothing to copy from a terminal. */
const LONGEST_EXAMPLE = 2000;

/** How to ask for a score, as lines to copy: a digit for MNIST, a typical record for a table; empty for other data. */
export function scoreExample(url: string, data: Manifest['data']): string {
  let lines = '';
  if (isMnist(data)) {
    const digit = relative(process.cwd(), join(ROOT, 'docs/digit.png'));
    lines = `
  Score a digit:
  curl -s '${url}/api/v1/score?map=true' -H 'content-type: image/png' --data-binary @${digit}
`;
  } else if (kindOf(data) === 'table') {
    const columns = tableColumns(data);
    const body = JSON.stringify({ instances: [toRecord(columns, typicalRow(columns))] });
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

/** Waits until the Worker answers. False if it ends before that, or takes too long. */
async function answers(url: string, ended: Promise<unknown>): Promise<boolean> {
  const controller = new AbortController();
  void ended.then(() => controller.abort());
  const signal = AbortSignal.any([AbortSignal.timeout(START_TIMEOUT_MS), controller.signal]);
  while (!signal.aborted) {
    const response = await fetch(`${url}/api/v1/health`, { signal }).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(100);
  }
  return false;
}

/**
 * From now on, the first signal that tells this process to stop ends the child first; a second one kills it. Returns
 * a function that says whether there was one.
 */
function stopOnSignal(child: ChildProcess, ended: Promise<unknown>): () => boolean {
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (signals++) signalGroup(child, 'SIGKILL');
      else void stop(child, ended);
    });
  }
  return () => signals > 0;
}

/** Ends the child and everything that it started; kills them if they take too long. */
async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGINT');
  const done = await Promise.race([ended.then(() => true), sleep(5000, false, { ref: false })]);
  if (!done) signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, name);
  } catch {
    // It has ended already.
  }
}

import { builtin } from '../kernels/host.ts';
import { prepareKernels } from '../kernels/kernels.ts';
import type { Report } from './map-thread.ts';
import { runTask, type Task } from './tasks.ts';
import {
  abortError,
  createControl,
  type PoolOptions,
  runThreads,
  type StartThread,
  type ThreadListener,
  type WorkerContext,
} from './worker-pool.ts';

/** What is used of a browser's workers. */
declare const Worker: new (
  url: URL,
  options: { type: 'module' },
) => {
  onmessage: (event: { data: { report: unknown } | { failure: string } | 'done' }) => void;
  onerror: (event: { message?: string }) => void;
  postMessage(data: object): void;
  terminate(): void;
};

/** Milliseconds that a run without threads of its own may take before it lets others have their turn. */
const TURN = 30;

/** One for each processor; one where threads cannot share memory. */
export function defaultThreads(): number {
  const os = builtin('node:os');
  if (os) return os.availableParallelism();
  return canShare() ? Math.max(1, navigator.hardwareConcurrency) : 1;
}

/** Whether workers can be sent shared memory: in browsers, if the page is isolated. */
const canShare = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' &&
  (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

/**
 * Runs a task in threads: worker threads of Node, or workers of a browser's page that is isolated. Elsewhere it runs in the
 * calling thread, which should be a worker, and pauses now and then.
 */
export async function runInThreads(task: Task, options: PoolOptions<Report>): Promise<void> {
  if (builtin('node:worker_threads')) return runThreads(startNodeThread(workerUrl()), task, options);
  const kernels = await prepareKernels();
  return canShare() ? runThreads(startWebThread, { ...task, kernels }, options) : runHere(task, options);
}

/** Bundlers must not take this for an asset, hence the detour. */
function workerUrl(): URL {
  const here = import.meta.url;
  return new URL('./worker.ts', here);
}

/** Starts worker threads of Node that run the file at `url`. */
export const startNodeThread =
  (url: URL): StartThread =>
  <Message>(data: WorkerContext, listener: ThreadListener<Message>) =>
    new Promise((resolve) => {
      const { Worker } = builtin('node:worker_threads')!;
      const worker = new Worker(url, { execArgv: [], workerData: data });
      worker.on('message', listener.message);
      worker.on('error', (error: Error) => listener.error(failure(error.message, error)));
      worker.on('exit', (code) => {
        if (code !== 0)
          listener.error(new Error(`t-SNE failed: a worker thread ended with exit code ${code}`));
        resolve();
      });
    });

const startWebThread: StartThread = <Message>(data: WorkerContext, listener: ThreadListener<Message>) =>
  new Promise((resolve) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const end = (message?: string) => {
      if (message !== undefined) listener.error(failure(message));
      worker.terminate();
      resolve();
    };
    worker.onmessage = ({ data }) => {
      if (data === 'done') end();
      else if ('failure' in data) end(data.failure);
      else listener.message(data.report as Message);
    };
    worker.onerror = ({ message }) => end(message ?? 'its worker could not be loaded');
    worker.postMessage(data);
  });

const failure = (message: string, cause?: unknown): Error =>
  new Error(`t-SNE failed in a worker thread: ${message}`, { cause });

async function runHere(task: Task, { onMessage, signal }: PoolOptions<Report>): Promise<void> {
  const steps = runTask(task, { control: createControl(), threads: 1, thread: 0 }, onMessage);
  let began = performance.now();
  do {
    if (signal?.aborted) throw abortError(signal);
    if (performance.now() - began < TURN) continue;
    await new Promise((resolve) => setTimeout(resolve));
    began = performance.now();
  } while (!steps.next().done);
}

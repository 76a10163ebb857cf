import { Worker } from 'node:worker_threads';

/** Words of the control block that the threads of a pool share. */
const ARRIVED = 0;
const ROUND = 1;
const NEXT = 2;
const STOPPED = 3;

/** A control block for a pool that has not started. */
const createControl = (): Int32Array => new Int32Array(new SharedArrayBuffer(16));

/** Makes every thread of the pool return: waiting threads wake up, the others notice at their next block. */
function stop(control: Int32Array): void {
  Atomics.store(control, STOPPED, 1);
  Atomics.add(control, ROUND, 1);
  Atomics.notify(control, ROUND);
}

/** A thread's view of a pool, which shares out numbered blocks of work, with a barrier after each round. */
export class PoolThread {
  readonly #control: Int32Array;
  readonly #threads: number;

  constructor({ control, threads }: WorkerContext) {
    this.#control = control;
    this.#threads = threads;
  }

  /**
   * Takes blocks of this round until none is left, then waits at the barrier. False if the pool is stopped: return
   * at once.
   */
  forEachBlock(blocks: number, task: (block: number) => void): boolean {
    const control = this.#control;
    while (Atomics.load(control, STOPPED) === 0) {
      const block = Atomics.add(control, NEXT, 1);
      if (block >= blocks) break;
      task(block);
    }
    return this.barrier();
  }

  /** Waits for all threads, then starts the next round. False if the pool is stopped: return at once. */
  barrier(): boolean {
    const control = this.#control;
    const round = Atomics.load(control, ROUND);
    if (Atomics.add(control, ARRIVED, 1) === this.#threads - 1) {
      Atomics.store(control, ARRIVED, 0);
      Atomics.store(control, NEXT, 0);
      Atomics.add(control, ROUND, 1);
      Atomics.notify(control, ROUND);
    } else {
      while (Atomics.load(control, ROUND) === round && Atomics.load(control, STOPPED) === 0) {
        Atomics.wait(control, ROUND, round);
      }
    }
    return Atomics.load(control, STOPPED) === 0;
  }
}

/** What a thread of a pool gets in its `workerData`, in addition to the data of the job. */
export interface WorkerContext {
  readonly control: Int32Array;
  readonly threads: number;
  /** 0 … threads - 1 */
  readonly thread: number;
}

/**
 * Runs the file at `url` in `threads` worker threads until all have ended. Each gets `data` and its
 * {@link WorkerContext} as `workerData`. If one throws or exits with an error, or the signal is aborted, all are
 * stopped and the promise rejects.
 *
 * @param onMessage gets what the threads post; if it throws, all are stopped and the promise rejects with its error
 */
export async function runWorkers<Message>(
  url: URL,
  data: object,
  options: { threads: number; onMessage: (message: Message) => void; signal?: AbortSignal },
): Promise<void> {
  const { threads, onMessage, signal } = options;
  const control = createControl();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    stop(control);
  };
  const abort = () => {
    const reason = new Error('t-SNE was stopped before it was done', { cause: signal?.reason });
    reason.name = 'AbortError';
    fail(reason);
  };
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const ended: Promise<void>[] = [];
  for (let thread = 0; thread < threads && failure === undefined; thread++) {
    const worker = new Worker(url, {
      execArgv: [],
      workerData: { ...data, control, threads, thread } satisfies WorkerContext,
    });
    worker.on('message', (message: Message) => {
      try {
        if (failure === undefined) onMessage(message);
      } catch (error) {
        fail(error);
      }
    });
    worker.on('error', (error) => {
      fail(new Error(`t-SNE failed in a worker thread: ${(error as Error).message}`, { cause: error }));
    });
    ended.push(
      new Promise((resolve) => {
        worker.on('exit', (code) => {
          if (code !== 0) fail(new Error(`t-SNE failed: a worker thread ended with exit code ${code}`));
          resolve();
        });
      }),
    );
  }
  await Promise.all(ended);
  signal?.removeEventListener('abort', abort);
  if (failure !== undefined) throw failure;
}

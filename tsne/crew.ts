import { Worker } from 'node:worker_threads';

/** Places in the control words that the threads of a crew share. */
const ARRIVED = 0;
const ROUND = 1;
const NEXT = 2;
const STOPPED = 3;

/** Control words for a crew that has not begun. */
const newControl = (): Int32Array => new Int32Array(new SharedArrayBuffer(16));

/** Makes every thread of the crew leave: those waiting wake up, the others see it at their next block. */
function stop(control: Int32Array): void {
  Atomics.store(control, STOPPED, 1);
  Atomics.add(control, ROUND, 1);
  Atomics.notify(control, ROUND);
}

/** One thread's part in a crew that shares out numbered blocks of work and meets after each round of them. */
export class CrewMember {
  readonly #control: Int32Array;
  readonly #threads: number;

  constructor(control: Int32Array, threads: number) {
    this.#control = control;
    this.#threads = threads;
  }

  /**
   * Does blocks of this round until all are taken by some thread, then meets the others.
   * False if the crew is stopped: leave at once.
   */
  work(blocks: number, task: (block: number) => void): boolean {
    const control = this.#control;
    while (Atomics.load(control, STOPPED) === 0) {
      const block = Atomics.add(control, NEXT, 1);
      if (block >= blocks) break;
      task(block);
    }
    return this.meet();
  }

  /** Waits until all threads are here, then begins a round. False if the crew is stopped: leave at once. */
  meet(): boolean {
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

/** What a thread of a crew finds in its `workerData`, beside the job's own data. */
export interface Berth {
  readonly control: Int32Array;
  readonly threads: number;
  /** 0 … threads - 1 */
  readonly thread: number;
}

/**
 * Runs the file at `url` in `threads` worker threads, each with `data` and its {@link Berth} as
 * `workerData`, until all have ended. If one throws or dies, or the signal is aborted, all are stopped
 * and the promise is rejected.
 *
 * @param onMessage gets what the threads post; if it throws, the crew is stopped and the promise rejected with that
 */
export async function runCrew<Message>(
  url: URL,
  data: object,
  options: { threads: number; onMessage: (message: Message) => void; signal?: AbortSignal },
): Promise<void> {
  const { threads, onMessage, signal } = options;
  const control = newControl();
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
  const crew: Promise<void>[] = [];
  for (let thread = 0; thread < threads && failure === undefined; thread++) {
    const worker = new Worker(url, {
      execArgv: [],
      workerData: { ...data, control, threads, thread } satisfies Berth,
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
    crew.push(
      new Promise((resolve) => {
        worker.on('exit', (code) => {
          if (code !== 0) fail(new Error(`t-SNE failed: a worker thread ended with exit code ${code}`));
          resolve();
        });
      }),
    );
  }
  await Promise.all(crew);
  signal?.removeEventListener('abort', abort);
  if (failure !== undefined) throw failure;
}

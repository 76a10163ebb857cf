import { sharedBuffer } from './shared-arrays.ts';

/** Words of the control block that the threads of a pool share. */
const ARRIVED = 0;
const ROUND = 1;
const NEXT = 2;
const STOPPED = 3;

/** A control block for a pool that has not started. */
export const createControl = (): Int32Array => new Int32Array(sharedBuffer(16));

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

/** What a thread of a pool gets, in addition to the data of the job. */
export interface WorkerContext {
  readonly control: Int32Array;
  readonly threads: number;
  /** 0 … threads - 1 */
  readonly thread: number;
}

/** What a running thread says. */
export interface ThreadListener<Message> {
  message(message: Message): void;
  error(error: Error): void;
}

/** Starts a thread with these data; the promise resolves when it has ended, for whatever reason. */
export type StartThread = <Message>(data: WorkerContext, listener: ThreadListener<Message>) => Promise<void>;

/** What a pool tells and asks while it runs. */
export interface PoolOptions<Message> {
  threads: number;
  /** Gets what the threads post; if it throws, all are stopped and the promise rejects with its error. */
  onMessage: (message: Message) => void;
  signal?: AbortSignal;
}

/** The error with which an aborted run rejects. */
export function abortError(signal: AbortSignal): Error {
  const reason = new Error('t-SNE was stopped before it was done', { cause: signal.reason });
  reason.name = 'AbortError';
  return reason;
}

/**
 * Runs `threads` threads until all have ended. Each gets `data` and its {@link WorkerContext}. If one throws or exits with
 * an error, or the signal is aborted, all are stopped and the promise rejects.
 */
export async function runThreads<Message>(
  start: StartThread,
  data: object,
  { threads, onMessage, signal }: PoolOptions<Message>,
): Promise<void> {
  const control = createControl();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    stop(control);
  };
  const abort = () => fail(abortError(signal!));
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  const ended: Promise<void>[] = [];
  for (let thread = 0; thread < threads && failure === undefined; thread++) {
    ended.push(
      start<Message>(
        { ...data, control, threads, thread },
        {
          message(message) {
            try {
              if (failure === undefined) onMessage(message);
            } catch (error) {
              fail(error);
            }
          },
          error: fail,
        },
      ),
    );
  }
  await Promise.all(ended);
  signal?.removeEventListener('abort', abort);
  if (failure !== undefined) throw failure;
}

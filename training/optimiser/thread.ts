import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { OptimiserSettings, Pointers, Sweep } from './rules.ts';

/** What a thread works on: its part of the parameters, in the kernel memory. */
export interface ThreadTask {
  memory: WebAssembly.Memory;
  sweeps: readonly Sweep[];
  at: Pointers;
  settings: OptimiserSettings;
}

/** Words of the control block: the number of the requested step, and of the last step done. */
export const WANTED = 0;
export const DONE = 1;
/** The step number that ends the thread. */
export const END = -1;

/** How often the caller polls the control block before it waits in the event loop: about a millisecond. */
const SPINS = 200_000;

/**
 * A worker thread that does part of each optimiser step while the caller does the rest. The caller busy-waits, since a
 * step takes microseconds, but not for long: it waits in the event loop for a thread that is late or has failed, which
 * is also where the thread's error arrives.
 */
export class OptimiserThread implements Disposable {
  readonly #control = new Int32Array(new SharedArrayBuffer(8));
  readonly #step = new Float64Array(new SharedArrayBuffer(16));
  readonly #worker: Worker;
  #failure: Error | undefined;
  /** Rejects the promise that the caller awaits, if there is one. */
  #reject: ((error: Error) => void) | undefined;

  constructor(task: ThreadTask) {
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      execArgv: [],
      workerData: { ...task, control: this.#control, step: this.#step },
    });
    this.#worker.unref();
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', (code) => {
      this.#fail(new Error(`the optimiser thread ended with exit code ${code}`));
    });
  }

  /** Starts the thread's part of step `t`. Throws if the last step is not finished, or the thread has failed. */
  begin(rate: number, t: number): void {
    if (this.#failure) throw this.#failure;
    const before = Atomics.load(this.#control, WANTED);
    if (Atomics.load(this.#control, DONE) !== before) {
      throw new RangeError('an optimiser step begins before the last one is finished: await it');
    }
    this.#step[0] = rate;
    this.#step[1] = t;
    Atomics.store(this.#control, WANTED, before + 1);
    Atomics.notify(this.#control, WANTED);
  }

  /** Waits until the thread's part is done. Returns no promise if it is on time; rejects with the thread's error. */
  finish(): void | Promise<void> {
    const wanted = Atomics.load(this.#control, WANTED);
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(this.#control, DONE) === wanted) return;
    }
    return this.#wait(wanted);
  }

  /** Ends the thread. */
  close(): void {
    Atomics.store(this.#control, WANTED, END);
    Atomics.notify(this.#control, WANTED);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #wait(wanted: number): Promise<void> {
    // Atomics.waitAsync does not keep the process running.
    this.#worker.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        if (this.#failure) return reject(this.#failure);
        this.#reject = reject;
        const { value } = Atomics.waitAsync(this.#control, DONE, wanted - 1);
        if (typeof value === 'string') resolve();
        else void value.then(() => resolve());
      });
    } finally {
      this.#reject = undefined;
      this.#worker.unref();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#reject?.(this.#failure);
  }
}

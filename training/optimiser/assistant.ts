import { Worker } from 'node:worker_threads';
import type { OptimiserSettings, Pointers, Sweep } from './rules.ts';

/** What an assistant works on: its part of the parameters, in the memory of the kernels. */
export interface Assignment {
  memory: WebAssembly.Memory;
  sweeps: readonly Sweep[];
  at: Pointers;
  settings: OptimiserSettings;
}

/** Words of the control block: the number of the step that is to be done, and of that which is. */
export const BEGUN = 0;
export const DONE = 1;
/** The step number that ends the assistant. */
export const END = -1;

/** Looks at the control block before the thread goes to sleep: about a millisecond. */
const SPINS = 200_000;
const PATIENCE_MS = 10_000;

/** A thread that does part of each step of an optimiser, at the same time as the one that asks. */
export class Assistant {
  readonly #control = new Int32Array(new SharedArrayBuffer(8));
  readonly #step = new Float64Array(new SharedArrayBuffer(16));
  readonly #worker: Worker;
  #failure: Error | undefined;

  constructor(assignment: Assignment) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      execArgv: [],
      workerData: { ...assignment, control: this.#control, step: this.#step },
    });
    this.#worker.unref();
    this.#worker.on('error', (error) => {
      this.#failure = error as Error;
    });
  }

  /** Has the assistant begin with its part of step `t`. */
  begin(rate: number, t: number): void {
    this.#step[0] = rate;
    this.#step[1] = t;
    Atomics.store(this.#control, BEGUN, Atomics.load(this.#control, BEGUN) + 1);
    Atomics.notify(this.#control, BEGUN);
  }

  /** Waits until it is done. Throws if the assistant has failed. */
  finish(): void {
    const wanted = Atomics.load(this.#control, BEGUN);
    for (let spin = 0; spin < SPINS; spin++) {
      if (Atomics.load(this.#control, DONE) === wanted) return;
    }
    const found = Atomics.load(this.#control, DONE);
    if (found === wanted) return;
    if (Atomics.wait(this.#control, DONE, found, PATIENCE_MS) !== 'timed-out') return;
    throw this.#failure ?? new Error('a thread of the optimiser does not answer');
  }

  close(): void {
    Atomics.store(this.#control, BEGUN, END);
    Atomics.notify(this.#control, BEGUN);
  }
}

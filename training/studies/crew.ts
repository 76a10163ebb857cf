import { on } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { defaultThreads } from '../runtime/session.ts';
import type { TASKS } from './tasks.ts';

type Kind = keyof typeof TASKS;
type Input<K extends Kind> = Parameters<(typeof TASKS)[K]>[0];
type Found<K extends Kind> = Awaited<ReturnType<(typeof TASKS)[K]>>;

/** There are not many more jobs at a time, and each thread takes memory. */
const MOST_THREADS = 8;

/** What a thread is started with: whether it frees copies as the program does. */
export interface CrewData {
  readonly collects: boolean;
}

/** What a thread is sent, and what it answers: the share that is done, then what it found. */
export interface Request {
  readonly kind: Kind;
  readonly input: unknown;
}
export type Answer = { readonly share: number } | { readonly found: unknown };

/** Something to do, and what it costs, compared with the others. */
export interface Job<K extends Kind> {
  readonly what: string;
  readonly cost: number;
  readonly input: Input<K>;
}

/**
 * Threads that train one network each. A small network trains hardly faster in two threads than in one, so two at a time take
 * little more than half as long. What is found does not depend on the number of threads. `await using` ends them.
 */
export class Crew implements AsyncDisposable {
  readonly size: number;
  readonly #workers: readonly Worker[];

  constructor(threads = defaultThreads()) {
    const url = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    this.size = Math.min(threads, MOST_THREADS);
    const workerData: CrewData = { collects: globalThis.gc !== undefined };
    this.#workers = Array.from({ length: this.size }, () => new Worker(url, { execArgv: [], workerData }));
  }

  /** Does all jobs, the costliest first; what they find is in their own order. `report` gets what goes on, and the share of all. */
  async runAll<K extends Kind>(
    kind: K,
    jobs: readonly Job<K>[],
    report: (what: string, share: number) => void,
  ): Promise<Found<K>[]> {
    const whole = jobs.reduce((sum, { cost }) => sum + cost, 0);
    const waiting = [...jobs.keys()].sort((a, b) => jobs[b].cost - jobs[a].cost);
    const shares = new Float64Array(jobs.length);
    const found: Found<K>[] = new Array(jobs.length);
    await Promise.all(
      this.#workers.map(async (worker) => {
        for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
          const { what, cost, input } = jobs[i];
          found[i] = await ask(worker, kind, input, (share) => {
            shares[i!] = (share * cost) / whole;
            report(
              what,
              shares.reduce((sum, value) => sum + value, 0),
            );
          });
        }
      }),
    );
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Sends a thread its work and waits for what it finds. Rejects with the error that ends the thread. */
async function ask<K extends Kind>(
  worker: Worker,
  kind: K,
  input: Input<K>,
  onProgress: (share: number) => void,
): Promise<Found<K>> {
  const answers = on(worker, 'message', { close: ['exit'] });
  worker.postMessage({ kind, input } satisfies Request);
  for await (const [message] of answers) {
    const answer = message as Answer;
    // The thread answers with what the task of this kind returns.
    if ('found' in answer) return answer.found as Found<K>;
    onProgress(answer.share);
  }
  throw new Error('a thread of the studies has ended');
}

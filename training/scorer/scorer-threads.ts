import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { keepOutputs } from '../onnx/outputs.ts';
import { defaultThreads } from '../runtime/session.ts';
import { type RowScorer, Scorer } from './scorer.ts';

/** With fewer rows, threads take longer to start than they save. */
const FEW_ROWS = 50_000;

/** More threads score faster than one reads. */
const MOST_THREADS = 8;

/** What a thread is started with. */
export interface ThreadModel {
  readonly model: Uint8Array;
  readonly outputs: readonly (keyof ScorerOutput)[];
}

/** Rows to score, and what a thread answers. */
export interface ThreadTask {
  readonly samples: Uint8Array | Float32Array;
  readonly count: number;
}
export type ThreadAnswer = Partial<ScorerOutput>;

/** What ends a thread once it has done what it is doing. */
export const END = 'end';

/** A batch that a thread works on. */
interface Waiting {
  resolve(found: ThreadAnswer): void;
  reject(error: Error): void;
}

/**
 * Loads a scorer for about `rows` samples, an unknown number if undefined: with these outputs only, and for many
 * samples in several threads.
 */
export async function loadForRows<K extends keyof ScorerOutput>(
  model: Uint8Array,
  outputs: readonly K[],
  { rows = Number.POSITIVE_INFINITY, threads = defaultThreads() }: { rows?: number; threads?: number } = {},
): Promise<RowScorer<K>> {
  const own = keepOutputs(model, outputs);
  return rows <= FEW_ROWS || threads === 1
    ? Scorer.loadKept(own, outputs)
    : new ScorerThreads(own, outputs, Math.min(threads, MOST_THREADS));
}

/**
 * Scores batches in worker threads, one thread for each: onnxruntime-node computes in the thread that calls it, which
 * would keep the caller from reading and writing.
 */
class ScorerThreads<K extends keyof ScorerOutput> implements RowScorer<K> {
  readonly parallel: number;
  readonly #threads: {
    readonly worker: Worker;
    readonly waiting: Waiting[];
    readonly ended: Promise<void>;
  }[];
  #failure: Error | undefined;

  constructor(model: Uint8Array, outputs: readonly K[], threads: number) {
    this.parallel = threads;
    const workerData: ThreadModel = { model, outputs };
    this.#threads = Array.from({ length: threads }, () => {
      const url = new URL(`./scorer-worker${extname(import.meta.url)}`, import.meta.url);
      const worker = new Worker(url, { execArgv: [], workerData });
      const waiting: Waiting[] = [];
      // A thread answers in the order in which it was asked.
      worker.on('message', (found: ThreadAnswer) => waiting.shift()?.resolve(found));
      worker.on('error', (error: Error) => this.#fail(error));
      const ended = new Promise<void>((resolve) => {
        worker.on('exit', (code) => {
          this.#fail(new Error(`a scoring thread ended with exit code ${code}`));
          resolve();
        });
      });
      return { worker, waiting, ended };
    });
  }

  async run(samples: Uint8Array | Float32Array, count: number): Promise<Pick<ScorerOutput, K>> {
    if (this.#failure) throw this.#failure;
    const [idlest] = this.#threads.toSorted((a, b) => a.waiting.length - b.waiting.length);
    const { worker, waiting } = idlest!;
    const found = new Promise<ThreadAnswer>((resolve, reject) => waiting.push({ resolve, reject }));
    worker.postMessage({ samples, count } satisfies ThreadTask);
    // Each thread answers with the outputs that all were started with.
    return (await found) as Pick<ScorerOutput, K>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#failure ??= new Error('the scoring threads have ended');
    // onnxruntime aborts the process if a thread is stopped while it loads a graph or runs it.
    for (const { worker } of this.#threads) worker.postMessage(END);
    await Promise.all(this.#threads.map(({ ended }) => ended));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { waiting } of this.#threads)
      for (const { reject } of waiting.splice(0)) reject(this.#failure);
  }
}

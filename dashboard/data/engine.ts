import type { CallName, Calls, Progress, Question, Reply } from './protocol.ts';

interface Pending {
  resolve: (answer: Calls[CallName]['answer']) => void;
  reject: (error: Error) => void;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The page's side of the worker that reads the bundle and runs the model, off the main thread. */
export class Engine {
  readonly #worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const pending = this.#pending.get(data.id);
      if (!pending) return;
      if (data.kind === 'progress') return pending.onProgress?.(data.progress);
      this.#pending.delete(data.id);
      if (data.kind === 'answer') pending.resolve(data.answer);
      else pending.reject(new Error(data.message));
    };
    this.#worker.onerror = () => {
      for (const { reject } of this.#pending.values()) {
        reject(new Error('This browser could not start the worker that reads the model.'));
      }
      this.#pending.clear();
    };
  }

  /** Reads and checks the bundle at an address that ends in `/`. Rejects with one sentence if it is not whole. */
  open(base: string, onProgress: (progress: Progress) => void) {
    return this.#call('open', { base }, onProgress);
  }

  /** The points nearest to a point of the map by code, nearest first, without the point itself. */
  neighbours(index: number, count: number) {
    return this.#call('neighbours', { index, count });
  }

  /** Scores one sample (raw values) with `scorer.onnx` in this browser; the first call loads it. */
  score(sample: Float32Array) {
    return this.#call('score', { sample });
  }

  /**
   * What the model expects of a point of the map: its code decoded, in raw units. The code is kept to 8 bits
   * a number, and the answer is as close.
   */
  expected(index: number) {
    return this.#call('expected', { index });
  }

  /** Scores one sample through the API. Rejects with one sentence if the API cannot answer. */
  askApi(sample: Float32Array) {
    return this.#call('askApi', { url: new URL('./api/v1/score', document.baseURI).href, sample });
  }

  #call<Name extends CallName>(
    name: Name,
    ask: Calls[Name]['ask'],
    onProgress?: (progress: Progress) => void,
  ): Promise<Calls[Name]['answer']> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, name, ask } as Question);
    });
  }
}

import { SCORER_INPUT, type ScorerOutput } from '../../bundle/scorer.ts';
import { withOutputs } from '../onnx/outputs.ts';
import { collectYoung, createSession, defaultThreads, tensor } from '../runtime/session.ts';

/** Samples in one run of the graph: fewer if they are wide, as a graph holds several copies of them. */
const CHUNK = 1000;
const CHUNK_VALUES = 2 ** 18;
/** Runs of the graph between two collections of what they have left. */
const COLLECT_EVERY = 8;

/** `scorer.onnx` run by onnxruntime-node over any number of samples. */
export class Scorer {
  readonly #session: Awaited<ReturnType<typeof createSession>>;

  private constructor(session: Awaited<ReturnType<typeof createSession>>) {
    this.#session = session;
  }

  static async load(model: Uint8Array, options: { threads?: number } = {}): Promise<Scorer> {
    return new Scorer(await createSession(model, options));
  }

  /**
   * Runs `count` samples of raw values (u8 or float, row-major) and keeps the outputs named, each as one
   * row-major array over all samples.
   */
  async run<K extends keyof ScorerOutput>(
    samples: Uint8Array | Float32Array,
    count: number,
    outputs: readonly K[],
  ): Promise<Pick<ScorerOutput, K>> {
    const features = samples.length / count;
    const most = Math.max(1, Math.min(CHUNK, count, Math.floor(CHUNK_VALUES / features)));
    const input = new Float32Array(most * features);
    const result = {} as Record<K, Float32Array>;
    for (let start = 0; start < count; start += most) {
      const size = Math.min(most, count - start);
      input.set(samples.subarray(start * features, (start + size) * features));
      const x = tensor(input.subarray(0, size * features), [size, features]);
      const found = await this.#session.run({ [SCORER_INPUT]: x }, [...outputs]);
      for (const name of outputs) {
        const part = found[name].data as Float32Array;
        result[name] ??= new Float32Array((part.length / size) * count);
        result[name].set(part, (part.length / size) * start);
      }
      if ((start / most) % COLLECT_EVERY === 0) collectYoung();
    }
    return result;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/**
 * Samples that one thread takes at a time: few enough that what a detector compares them with, some thousand numbers
 * a sample, stays in the caches.
 */
const PIECE = 256;

/** Pieces under way at most: Node has four threads for such work, one of which is to read and write. */
const LANES = 3;

/**
 * A part of `scorer.onnx`, for very many samples: it computes nothing but the outputs named. Several
 * runs of the whole graph, each over samples of its own, keep the cores busier than sharing every operator does.
 */
export class BatchScorer<K extends keyof ScorerOutput> {
  readonly #session: Awaited<ReturnType<typeof createSession>>;
  readonly #outputs: readonly K[];
  readonly #lanes: number;

  private constructor(
    session: Awaited<ReturnType<typeof createSession>>,
    outputs: readonly K[],
    lanes: number,
  ) {
    this.#session = session;
    this.#outputs = outputs;
    this.#lanes = lanes;
  }

  static async load<K extends keyof ScorerOutput>(
    model: Uint8Array,
    outputs: readonly K[],
    { threads = defaultThreads() }: { threads?: number } = {},
  ): Promise<BatchScorer<K>> {
    const lanes = Math.min(threads, LANES);
    const each = { threads: Math.floor(threads / lanes) };
    return new BatchScorer(await createSession(withOutputs(model, outputs), each), outputs, lanes);
  }

  /** Runs `count` samples of raw values, row-major, which must not change until the promise is fulfilled. */
  async run(samples: Float32Array, count: number): Promise<Pick<ScorerOutput, K>> {
    const features = samples.length / count;
    const result = {} as Record<K, Float32Array>;
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const start = next;
        const size = Math.min(PIECE, count - start);
        next += size;
        const piece = samples.subarray(start * features, (start + size) * features);
        const found = await this.#session.run({ [SCORER_INPUT]: tensor(piece, [size, features]) });
        for (const name of this.#outputs) {
          const part = found[name].data as Float32Array;
          result[name] ??= new Float32Array((part.length / size) * count);
          result[name].set(part, (part.length / size) * start);
        }
      }
    };
    await Promise.all(Array.from({ length: this.#lanes }, lane));
    return result;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

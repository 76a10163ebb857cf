import { SCORER_INPUT, type ScorerOutput } from '../bundle/scoring.ts';
import { createSession, tensor } from './session.ts';

/** Samples in one run of the graph. */
const CHUNK = 1000;

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
    const input = new Float32Array(Math.min(CHUNK, count) * features);
    const result = {} as Record<K, Float32Array>;
    for (let start = 0; start < count; start += CHUNK) {
      const size = Math.min(CHUNK, count - start);
      input.set(samples.subarray(start * features, (start + size) * features));
      const x = tensor(input.subarray(0, size * features), [size, features]);
      const found = await this.#session.run({ [SCORER_INPUT]: x }, [...outputs]);
      for (const name of outputs) {
        const part = found[name].data as Float32Array;
        result[name] ??= new Float32Array((part.length / size) * count);
        result[name].set(part, (part.length / size) * start);
      }
    }
    return result;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

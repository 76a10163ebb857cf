import { SCORER_INPUT, SCORER_OUTPUTS, type ScorerOutput } from '../../bundle/scorer.ts';
import { keepOutputs } from '../onnx/outputs.ts';
import { readerOf } from '../runtime/rows.ts';
import { type RunRowsOptions, runRows } from '../runtime/run-rows.ts';
import { createSession, defaultThreads, type Session } from '../runtime/session.ts';

/** Samples per run of the graph; fewer if they are wide, as the graph holds several copies of them. */
const CHUNK = 1000;
const CHUNK_VALUES = 2 ** 18;

/**
 * Samples per run in bulk: few enough that the caches hold what detectors compute for them, some thousand numbers per
 * sample.
 */
const BULK_CHUNK = 256;

/** Runs at the same time in bulk: one of the four threads of Node's pool is left for reading and writing. */
const LANES = 3;

/** Runs `scorer.onnx` in onnxruntime-node over any number of samples. `await using` releases it. */
export class Scorer<K extends keyof ScorerOutput = keyof ScorerOutput> implements AsyncDisposable {
  readonly #session: Session;
  readonly #outputs: readonly K[];
  readonly #how: (features: number) => RunRowsOptions;

  private constructor(session: Session, outputs: readonly K[], how: (features: number) => RunRowsOptions) {
    this.#session = session;
    this.#outputs = outputs;
    this.#how = how;
  }

  /** Loads the whole graph, with all its outputs. */
  static async load(model: Uint8Array, options: { threads?: number } = {}): Promise<Scorer> {
    return new Scorer(await createSession(model, options), SCORER_OUTPUTS, (features) => ({
      chunk: Math.max(1, Math.min(CHUNK, Math.floor(CHUNK_VALUES / features))),
    }));
  }

  /**
   * Loads a graph for very many samples, with only these outputs. It runs several chunks of samples in parallel: that
   * keeps the cores busier than splitting every operator among them.
   */
  static async loadBulk<K extends keyof ScorerOutput>(
    model: Uint8Array,
    outputs: readonly K[],
    { threads = defaultThreads() }: { threads?: number } = {},
  ): Promise<Scorer<K>> {
    const lanes = Math.min(threads, LANES);
    const session = await createSession(keepOutputs(model, outputs), {
      threads: Math.floor(threads / lanes),
    });
    return new Scorer<K>(session, outputs, () => ({ chunk: BULK_CHUNK, lanes }));
  }

  /**
   * Scores `count` samples of raw values (bytes or floats, row-major), which must not change until the promise is
   * fulfilled. Returns the named outputs, by default all, each as one row-major array over all samples.
   */
  run<O extends K>(
    samples: Uint8Array | Float32Array,
    count: number,
    outputs: readonly O[] = this.#outputs as readonly O[],
  ): Promise<Pick<ScorerOutput, O>> {
    const features = samples.length / count;
    const rows =
      samples instanceof Float32Array
        ? { values: samples, n: count, d: features }
        : readerOf(samples, features);
    return runRows(this.#session, rows, outputs, { input: SCORER_INPUT, ...this.#how(features) });
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

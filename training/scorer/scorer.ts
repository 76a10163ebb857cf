import { SCORER_INPUT, SCORER_OUTPUTS, type ScorerOutput } from '../../bundle/scorer.ts';
import { readerOf } from '../runtime/rows.ts';
import { runRows } from '../runtime/run-rows.ts';
import { createSession, type Session } from '../runtime/session.ts';

/** Samples per run of the graph; fewer if they are wide, as the graph holds several copies of them. */
const CHUNK = 1000;
const CHUNK_VALUES = 2 ** 18;

/**
 * Samples per run in bulk: few enough that the caches hold what detectors compute for them, some thousand numbers per
 * sample.
 */
const BULK_CHUNK = 256;

/** Scores batches of rows; `await using` releases it. */
export interface RowScorer<K extends keyof ScorerOutput> extends AsyncDisposable {
  /** How many batches it scores at the same time. */
  readonly parallel: number;
  /**
   * Scores `count` samples of raw values, bytes or floats, row-major. They must not change until the promise is
   * fulfilled. Returns each output as one row-major array over all samples.
   */
  run(samples: Uint8Array | Float32Array, count: number): Promise<Pick<ScorerOutput, K>>;
}

/** Runs `scorer.onnx` in onnxruntime-node over any number of samples. */
export class Scorer<K extends keyof ScorerOutput = keyof ScorerOutput> implements RowScorer<K> {
  readonly parallel = 1;
  readonly #session: Session;
  readonly #outputs: readonly K[];
  readonly #chunkOf: (features: number) => number;

  private constructor(session: Session, outputs: readonly K[], chunkOf: (features: number) => number) {
    this.#session = session;
    this.#outputs = outputs;
    this.#chunkOf = chunkOf;
  }

  /** Loads the whole graph, with all its outputs. */
  static async load(model: Uint8Array, options: { threads?: number } = {}): Promise<Scorer> {
    return new Scorer(await createSession(model, options), SCORER_OUTPUTS, (features) =>
      Math.max(1, Math.min(CHUNK, Math.floor(CHUNK_VALUES / features))),
    );
  }

  /** Loads a graph that `keepOutputs` has reduced to these outputs, for many samples. It computes in one thread. */
  static async loadKept<K extends keyof ScorerOutput>(
    model: Uint8Array,
    outputs: readonly K[],
  ): Promise<Scorer<K>> {
    return new Scorer<K>(await createSession(model, { threads: 1 }), outputs, () => BULK_CHUNK);
  }

  /** Like {@link RowScorer.run}, with the named outputs only. */
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
    return runRows(this.#session, rows, outputs, {
      input: SCORER_INPUT,
      chunk: this.#chunkOf(features),
    });
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

import type { Scaling } from '../../bundle/manifest.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { readerOf } from '../runtime/rows.ts';
import { runRows } from '../runtime/run-rows.ts';
import { createSession, type Session } from '../runtime/session.ts';
import { encodedWidthOf, scaleSamples, unscaleSamples } from './scaling.ts';

/** Values in one run of a graph, but at least this many rows. */
const CHUNK_VALUES = 2 ** 20;
const LEAST_ROWS = 64;

/** Encodes raw rows and decodes them again, by the same sub-graph that every graph of a model starts with. */
export class Encoder implements AsyncDisposable {
  /** How many raw values a row has, and how many numbers the model sees. */
  readonly features: number;
  readonly encoded: number;
  readonly #scaling: Scaling;
  readonly #sessions = new Map<typeof scaleSamples, Promise<Session>>();

  constructor(features: number, scaling: Scaling) {
    this.features = features;
    this.encoded = encodedWidthOf(features, scaling);
    this.#scaling = scaling;
  }

  /** Encodes raw rows (n × features, NaN where missing) as the model sees them: n × encoded. */
  encode(rows: Uint8Array | Float32Array): Promise<Float32Array> {
    return this.#run(scaleSamples, rows, this.features, this.encoded);
  }

  /** The reverse of {@link encode}: n × encoded to n × features. */
  decode(rows: Float32Array): Promise<Float32Array> {
    return this.#run(unscaleSamples, rows, this.encoded, this.features);
  }

  /** Releases the sessions. */
  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #run(
    build: typeof scaleSamples,
    rows: Uint8Array | Float32Array,
    from: number,
    to: number,
  ): Promise<Float32Array> {
    const chunk = Math.max(LEAST_ROWS, Math.floor(CHUNK_VALUES / Math.max(from, to)));
    return (await runRows(await this.#session(build, from), readerOf(rows, from), ['y'], { chunk })).y;
  }

  #session(build: typeof scaleSamples, width: number): Promise<Session> {
    let session = this.#sessions.get(build);
    if (!session) {
      const graph = new Graph();
      graph.output('y', build(graph, graph.input('x', ['N', width]), this.#scaling));
      session = createSession(serialise(graph, 'encoder'), { threads: 1 });
      this.#sessions.set(build, session);
    }
    return session;
  }
}

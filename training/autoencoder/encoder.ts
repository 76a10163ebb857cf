import type { InferenceSession } from 'onnxruntime-node';
import type { Scaling } from '../../bundle/manifest.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { createSession, tensor } from '../runtime/session.ts';
import { scaled, unscaled, widthOf } from './scaling.ts';

/** Values in one run of a graph, and at least so many rows. */
const CHUNK_VALUES = 2 ** 20;
const LEAST_ROWS = 64;

/** Raw rows to the units of training and back, by the same sub-graph that every graph of a model starts with. */
export class Encoder {
  /** Raw values of a row, and how many numbers the model sees of it. */
  readonly features: number;
  readonly encoded: number;
  readonly #scaling: Scaling;
  readonly #sessions = new Map<typeof scaled, Promise<InferenceSession>>();

  constructor(features: number, scaling: Scaling) {
    this.features = features;
    this.encoded = widthOf(features, scaling);
    this.#scaling = scaling;
  }

  /** Raw rows (n × features, NaN where a value is missing) as the model sees them: n × encoded. */
  encode(rows: Uint8Array | Float32Array): Promise<Float32Array> {
    return this.#run(scaled, rows, this.features, this.encoded);
  }

  /** The reverse: n × encoded to n × features. */
  decode(rows: Float32Array): Promise<Float32Array> {
    return this.#run(unscaled, rows, this.encoded, this.features);
  }

  /** Gives back what onnxruntime holds. */
  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  async #run(
    of: typeof scaled,
    rows: Uint8Array | Float32Array,
    from: number,
    to: number,
  ): Promise<Float32Array> {
    const session = await this.#session(of, from);
    const count = rows.length / from;
    const most = Math.max(LEAST_ROWS, Math.floor(CHUNK_VALUES / Math.max(from, to)));
    const result = new Float32Array(count * to);
    for (let start = 0; start < count; start += most) {
      const size = Math.min(most, count - start);
      const x = Float32Array.from(rows.subarray(start * from, (start + size) * from));
      const y = result.subarray(start * to, (start + size) * to);
      await session.run({ x: tensor(x, [size, from]) }, { y: tensor(y, [size, to]) });
    }
    return result;
  }

  #session(of: typeof scaled, width: number): Promise<InferenceSession> {
    let session = this.#sessions.get(of);
    if (!session) {
      const graph = new Graph();
      graph.output('y', of(graph, graph.input('x', ['N', width]), this.#scaling));
      session = createSession(serialise(graph, 'encoder'), { threads: 1 });
      this.#sessions.set(of, session);
    }
    return session;
  }
}

import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { createSession, type SessionOptions, tensor } from '../runtime/session.ts';
import { assertLabelled, assertRows, type Classifier, type Labelled, type Method } from './classifier.ts';

/** Queries in one run of the graph: bounds the matrix of distances to 120 MB of 60,000 rows. */
const CHUNK = 512;

/**
 * The k-nearest-neighbours classifier (Cover & Hart 1967): the commonest class of the k nearest rows
 * (Euclidean). Of classes that are equally common that of the nearer row wins; ties of distance go to the
 * lower index. Fitting only keeps the rows.
 */
export const nearest = (k = 3): Method => ({
  name: `${k} nearest neighbours`,
  async fit(samples, options) {
    assertLabelled(samples);
    const { count, dims, labels, classes } = samples;
    const found = await NearestRows.open(samples, k, options);
    return {
      parameters: count * dims,
      bytes: 4 * count * dims + count,
      async predict(features, n) {
        const { indices } = await found.of(features, n);
        return Uint8Array.from({ length: n }, (_, i) =>
          elected(indices.subarray(i * k, (i + 1) * k), labels, classes),
        );
      },
      release: () => found.release(),
    } satisfies Classifier;
  },
});

/**
 * The k nearest of some rows to each query, exactly: ‖b‖² − 2 a·b orders the rows b by their distance from
 * a, so that it is one matrix product, then TopK, in onnxruntime.
 */
export class NearestRows {
  readonly #session: Awaited<ReturnType<typeof createSession>>;
  readonly #rows: Float32Array;
  readonly #squares: Float32Array;
  readonly #centre: Float32Array;
  readonly #dims: number;
  readonly #k: number;

  /** Throws a RangeError if there are fewer than k rows. */
  static async open(
    { features, count, dims }: Pick<Labelled, 'features' | 'count' | 'dims'>,
    k: number,
    options: SessionOptions = {},
  ): Promise<NearestRows> {
    assertRows(features, count, dims);
    if (!(k >= 1 && k <= count)) throw new RangeError(`k is ${k}, of ${count} rows it may be 1 to ${count}`);
    const graph = new Graph();
    const query = graph.input('query', ['Q', dims]);
    const rows = graph.input('rows', [count, dims]);
    const squares = graph.input('squares', [count]);
    const doubled = graph.mul(query, -2);
    const order = graph.gemm(doubled, rows, { bias: squares, transB: true });
    const { indices } = graph.topK(order, k, { largest: false, sorted: true });
    graph.output('indices', indices);
    const session = await createSession(serialise(graph, 'nearest_rows'), options);
    return new NearestRows(session, features, count, dims, k);
  }

  private constructor(
    session: Awaited<ReturnType<typeof createSession>>,
    features: Float32Array,
    count: number,
    dims: number,
    k: number,
  ) {
    this.#session = session;
    this.#dims = dims;
    this.#k = k;
    const mean = new Float64Array(dims);
    for (let p = 0, j = 0; p < features.length; p++, j = j + 1 === dims ? 0 : j + 1) {
      mean[j] += features[p] / count;
    }
    // Of points around zero the expanded square loses the fewest digits.
    this.#centre = Float32Array.from(mean);
    this.#rows = this.#centred(features);
    this.#squares = new Float32Array(count);
    for (let i = 0, p = 0; i < count; i++) {
      let sum = 0;
      for (let j = 0; j < dims; j++, p++) sum += this.#rows[p] ** 2;
      this.#squares[i] = sum;
    }
  }

  /** Row numbers and Euclidean distances, both n × k, nearest first. */
  async of(queries: Float32Array, n: number): Promise<{ indices: Int32Array; distances: Float32Array }> {
    const dims = this.#dims;
    const k = this.#k;
    assertRows(queries, n, dims);
    const count = this.#squares.length;
    const rows = tensor(this.#rows, [count, dims]);
    const squares = tensor(this.#squares, [count]);
    const indices = new Int32Array(n * k);
    const distances = new Float32Array(n * k);
    for (let start = 0; start < n; start += CHUNK) {
      const size = Math.min(CHUNK, n - start);
      const chunk = this.#centred(queries.subarray(start * dims, (start + size) * dims));
      const found = await this.#session.run({ query: tensor(chunk, [size, dims]), rows, squares });
      const neighbours = found.indices.data as BigInt64Array;
      for (let i = 0; i < size; i++) {
        const sorted = Array.from(neighbours.subarray(i * k, (i + 1) * k), (row) => ({
          row: Number(row),
          distance: this.#distance(chunk, i, Number(row)),
        })).sort((a, b) => a.distance - b.distance || a.row - b.row);
        for (const [slot, { row, distance }] of sorted.entries()) {
          indices[(start + i) * k + slot] = row;
          distances[(start + i) * k + slot] = distance;
        }
      }
    }
    return { indices, distances };
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  #centred(values: Float32Array): Float32Array {
    const moved = new Float32Array(values.length);
    const dims = this.#dims;
    for (let p = 0, j = 0; p < values.length; p++, j = j + 1 === dims ? 0 : j + 1) {
      moved[p] = values[p] - this.#centre[j];
    }
    return moved;
  }

  #distance(queries: Float32Array, i: number, row: number): number {
    let sum = 0;
    const dims = this.#dims;
    for (let a = i * dims, b = row * dims, end = a + dims; a < end; a++, b++) {
      sum += (queries[a] - this.#rows[b]) ** 2;
    }
    return Math.sqrt(sum);
  }
}

function elected(rows: Int32Array, labels: Uint8Array, classes: number): number {
  const votes = new Uint32Array(classes);
  for (const row of rows) votes[labels[row]]++;
  let winner = labels[rows[0]];
  for (const row of rows) if (votes[labels[row]] > votes[winner]) winner = labels[row];
  return winner;
}

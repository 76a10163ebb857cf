import type { Neighbours } from '../../tsne/tsne.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { Matrix } from '../runtime/rows.ts';
import { forEachChunk } from '../runtime/run-rows.ts';
import { createSession, type Session, type SessionOptions, tensor } from '../runtime/session.ts';
import { centrePoints, meanOf, orderByDistance, type Points } from './points.ts';

/** Distances in one run of the graph, which bounds its memory (128 MiB), and bounds for the number of queries. */
const CHUNK_VALUES = 2 ** 25;
const [FEWEST, MOST] = [64, 1024];

/**
 * Finds the exact k nearest rows to each query (Euclidean), by one matrix product and TopK in onnxruntime. Ties go to
 * the lower index. `await using` releases it.
 */
export class NearestRows implements AsyncDisposable {
  readonly #session: Session;
  readonly #rows: Matrix;
  readonly #points: Points;
  readonly #k: number;

  /** Throws a RangeError if there are fewer than k rows, or the rows are not n × d values. */
  static async open(rows: Matrix, k: number, options: SessionOptions = {}): Promise<NearestRows> {
    const { n, d } = rows;
    assertRows(rows);
    if (!(k >= 1 && k <= n)) throw new RangeError(`k is ${k}: for ${n} rows it must be from 1 to ${n}`);
    const graph = new Graph();
    const query = graph.input('query', ['Q', d]);
    const order = orderByDistance(graph, query, graph.input('rows', [n, d]), graph.input('squares', [n]));
    graph.output('indices', graph.topK(order, k, { largest: false, sorted: true }).indices);
    return new NearestRows(await createSession(serialise(graph, 'nearest_rows'), options), rows, k);
  }

  private constructor(session: Session, rows: Matrix, k: number) {
    this.#session = session;
    this.#rows = rows;
    this.#points = centrePoints(rows, meanOf(rows));
    this.#k = k;
  }

  /** Row indices and Euclidean distances, both queries.n × k, nearest first. */
  async find(queries: Matrix): Promise<Neighbours> {
    const { mean, values, squares, n, d } = this.#points;
    assertRows(queries);
    if (queries.d !== d) throw new RangeError(`the queries have ${queries.d} values, the rows ${d}`);
    const k = this.#k;
    const indices = new Int32Array(queries.n * k);
    const distances = new Float32Array(queries.n * k);
    const centred: Matrix = { ...queries, values: queries.values.map((value, p) => value - mean[p % d]) };
    const chunk = Math.max(FEWEST, Math.min(MOST, Math.floor(CHUNK_VALUES / n)));
    const feeds = { rows: tensor(values, [n, d]), squares: tensor(squares, [n]) };
    const row = new Int32Array(k);
    const distance = new Float64Array(k);
    await forEachChunk(
      this.#session,
      centred,
      ['indices'],
      { input: 'query', chunk, feeds },
      (found, start, size) => {
        const nearest = found.indices.data as BigInt64Array;
        for (let i = 0; i < size; i++) {
          // The expanded square rounds, so distances are computed again by definition, and sorted by those.
          for (let slot = 0; slot < k; slot++) {
            const j = Number(nearest[i * k + slot]);
            const away = this.#distance(queries, start + i, j);
            let at = slot;
            for (
              ;
              at > 0 && (distance[at - 1] > away || (distance[at - 1] === away && row[at - 1] > j));
              at--
            ) {
              distance[at] = distance[at - 1];
              row[at] = row[at - 1];
            }
            distance[at] = away;
            row[at] = j;
          }
          indices.set(row, (start + i) * k);
          distances.set(distance, (start + i) * k);
        }
      },
    );
    return { k, indices, distances };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }

  #distance(queries: Matrix, i: number, j: number): number {
    const { values, d } = this.#rows;
    let sum = 0;
    for (let a = i * d, b = j * d, end = a + d; a < end; a++, b++)
      sum += (queries.values[a] - values[b]) ** 2;
    return Math.sqrt(sum);
  }
}

function assertRows({ values, n, d }: Matrix): void {
  if (values.length !== n * d)
    throw new RangeError(`there are ${values.length} values, ${n} × ${d} are needed`);
}

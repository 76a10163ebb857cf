import type { Neighbours } from '../../tsne/tsne.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { createSession, tensor } from '../runtime/session.ts';

/** Queries in one run of the graph: bounds the matrix of distances. */
const CHUNK = 1024;

/**
 * The exact k nearest neighbours (Euclidean) of each of n points of d dimensions among the others:
 * ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b as one matrix product, then TopK, in onnxruntime.
 * Ties go to the lower index.
 */
export async function nearestNeighbours(
  points: Float32Array,
  n: number,
  d: number,
  k: number,
  options: { threads?: number } = {},
): Promise<Neighbours> {
  if (points.length !== n * d)
    throw new RangeError(`points has ${points.length} values, ${n} × ${d} are needed`);
  if (!(k >= 1 && k < n)) throw new RangeError(`k is ${k}, of ${n} points it may be 1 to ${n - 1}`);
  const centred = centre(points, n, d);
  const session = await createSession(distanceGraph(n, d, k + 1), options);
  const all = tensor(centred, [n, d]);
  const squares = tensor(squaredNorms(centred, n, d), [n]);
  const indices = new Int32Array(n * k);
  const distances = new Float32Array(n * k);
  for (let start = 0; start < n; start += CHUNK) {
    const rows = Math.min(CHUNK, n - start);
    const query = tensor(centred.subarray(start * d, (start + rows) * d), [rows, d]);
    const found = (await session.run({ query, all, squares })).neighbours.data as BigInt64Array;
    for (let i = 0; i < rows; i++) {
      const self = start + i;
      const candidates = Array.from(found.subarray(i * (k + 1), (i + 1) * (k + 1)), Number);
      const others = candidates.includes(self)
        ? candidates.filter((j) => j !== self)
        : candidates.slice(0, k);
      const sorted = others.map((j) => ({ j, distance: distance(points, self, j, d) }));
      sorted.sort((a, b) => a.distance - b.distance || a.j - b.j);
      for (const [slot, { j, distance: length }] of sorted.entries()) {
        indices[self * k + slot] = j;
        distances[self * k + slot] = length;
      }
    }
  }
  await session.release();
  return { k, indices, distances };
}

/** ‖b‖² − 2 a·b orders the points b by their distance from a: the smallest `count` of each row. */
function distanceGraph(n: number, d: number, count: number): Uint8Array {
  const graph = new Graph();
  const query = graph.input('query', ['Q', d]);
  const all = graph.input('all', [n, d]);
  const squares = graph.input('squares', [n]);
  const doubled = graph.mul(query, -2);
  const order = graph.gemm(doubled, all, { bias: squares, transB: true });
  const { indices } = graph.topK(order, count, { largest: false, sorted: true });
  graph.output('neighbours', indices);
  return serialise(graph, 'nearest_neighbours');
}

/** Points moved to mean zero: the expanded square then loses the fewest digits. */
function centre(points: Float32Array, n: number, d: number): Float32Array {
  const mean = new Float64Array(d);
  for (let p = 0; p < n * d; p++) mean[p % d] += points[p] / n;
  return points.map((value, p) => value - mean[p % d]);
}

function squaredNorms(points: Float32Array, n: number, d: number): Float32Array {
  const norms = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let p = i * d; p < (i + 1) * d; p++) sum += points[p] * points[p];
    norms[i] = sum;
  }
  return norms;
}

function distance(points: Float32Array, i: number, j: number, d: number): number {
  let sum = 0;
  for (let a = i * d, b = j * d, end = a + d; a < end; a++, b++) {
    const difference = points[a] - points[b];
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

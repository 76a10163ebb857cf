import { findNeighbours } from '../../tsne/neighbours.ts';
import { centrePoints, moveToPoints, squaredDistances } from '../linear/points.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Detector, FittedDetector } from './detector.ts';
import { sampleRows } from './sample.ts';

/** Neighbours that a density is estimated from. The paper advises at least 10 to 20. */
const K = 20;

/** Training rows that are kept as possible neighbours. */
const CORESET = 10_000;

/**
 * Floor for a mean reachability distance, as a share of the mean over all rows. Without it, a row with more than k
 * copies would have distance 0 and infinite density.
 */
const LEAST = 1e-6;

/**
 * Local outlier factor (Breunig, Kriegel, Ng & Sander 2000): the mean density around the k nearest training rows,
 * divided by the density around the row itself; about 1 inside a cluster of any density. A density is the inverse mean
 * of reachability distances, max(d(x, o), k-distance(o)) (definitions 5 to 7). Scored rows are new: they are no
 * neighbours of each other. Keeps a random sample of many training rows.
 */
export const lof: Detector = {
  name: 'lof',
  title: `local outlier factor of ${K} neighbours`,
  family: 'neighbours',
  minRows: 2,
  keepsRows: true,
  async fit(rows, options) {
    const kept = sampleRows(rows, CORESET, options);
    const { n, d } = kept;
    const k = Math.min(K, n - 1);
    const { indices, distances } = await findNeighbours(kept, k, options);
    const kDistance = Float32Array.from({ length: n }, (_, i) => distances[i * k + k - 1]);
    const reach = new Float64Array(n);
    for (let p = 0; p < n * k; p++) {
      reach[Math.floor(p / k)] += Math.max(distances[p], kDistance[indices[p]]) / k;
    }
    const least = LEAST * (reach.reduce((sum, value) => sum + value, 0) / n || 1);
    const density = Float32Array.from(reach, (value) => 1 / Math.max(value, least));
    const points = centrePoints(kept);

    const score = (graph: Graph, x: Value) => {
      const own = moveToPoints(graph, x, points);
      const distances = squaredDistances(graph, own, points);
      const { indices: nearest } = graph.topK(distances, k, { largest: false, sorted: false });
      const of = (data: Float32Array) => graph.gather(graph.constant(data, [n]), nearest);
      const others = graph.gather(graph.constant(points.values, [n, d]), nearest);
      const reachable = graph.max(measureDistances(graph, own, others), of(kDistance));
      const mean = (value: Value) => graph.reduceMean(value, [1]);
      const ownReach = graph.max(mean(reachable), least);
      return graph.mul(mean(of(density)), ownReach);
    };
    return { units: 'ratio', score } satisfies FittedDetector;
  },
};

/**
 * Distances from rows (N × d) to k points each (N × k × d): N × k. Exact for nearly equal rows too, unlike
 * ‖x‖² − 2x·y + ‖y‖².
 */
function measureDistances(graph: Graph, rows: Value, others: Value): Value {
  const away = graph.sub(graph.unsqueeze(rows, [1]), others);
  const squares = graph.reduceSum(graph.square(away), [2]);
  return graph.sqrt(squares);
}

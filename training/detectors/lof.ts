import { findNeighbours } from '../linear/nearest.ts';
import { centrePoints, moveToPoints, squaredDistances } from '../linear/points.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Detector, Fitted } from './detector.ts';
import { sample } from './knn.ts';

/** Neighbours that a density is judged by: from 10 to 20 is what the paper advises at least. */
const K = 20;

/** Rows that are kept to be neighbours. */
const CORESET = 10_000;

/**
 * The least mean reachability distance, as a share of the mean of all of them: rows that have more copies than
 * neighbours would have no distance, and an infinite density.
 */
const LEAST = 1e-6;

/**
 * Local outlier factor (Breunig, Kriegel, Ng & Sander 2000): how many times denser it is around the k nearest
 * training rows than around the row itself, about 1 inside a cluster however dense that is. Densities are
 * inverse means of reachability distances, max(d(x, o), k-distance(o)) (definitions 5 to 7). The rows scored
 * are new: they are not each other's neighbours. Of many training rows, a random sample is kept.
 */
export const lof: Detector = {
  name: 'lof',
  title: `local outlier factor of ${K} neighbours`,
  family: 'neighbours',
  minRows: 2,
  async fit(rows, options) {
    const kept = sample(rows, CORESET, options);
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
      const reachable = graph.max(distanceTo(graph, own, others), of(kDistance));
      const mean = (value: Value) => graph.reduceMean(value, [1]);
      const ownReach = graph.max(mean(reachable), least);
      return graph.mul(mean(of(density)), ownReach);
    };
    return { units: 'ratio', score } satisfies Fitted;
  },
};

/** From rows (N × d) to k points each (N × k × d): N × k, exact also where the expanded square is not. */
function distanceTo(graph: Graph, rows: Value, others: Value): Value {
  const away = graph.sub(graph.unsqueeze(rows, [1]), others);
  const squares = graph.reduceSum(graph.square(away), [2]);
  return graph.sqrt(squares);
}

import { centrePoints, moveToPoints, orderByDistance } from '../linear/points.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, FittedDetector } from './detector.ts';
import { sampleRows } from './sample.ts';

/** Training rows that are kept as possible neighbours. More rows miss less and make a score more expensive. */
export const CORESET = 5000;

const K = 5;

/**
 * The distance to the k-th nearest training row (Ramaswamy, Rastogi & Shim 2000), or the mean distance to the k nearest
 * (Angiulli & Pizzuti 2002). Keeps a random sample of at most `coreset` training rows.
 */
export function createKnn(name: string, k: number, of: 'kth' | 'mean', coreset = CORESET): Detector {
  return {
    name,
    title:
      of === 'kth'
        ? `distance to the ${k}th nearest neighbour`
        : `mean distance to the ${k} nearest neighbours`,
    family: 'neighbours',
    minRows: k + 1,
    keepsRows: true,
    async fit(rows, options) {
      return buildSubgraph(sampleRows(rows, coreset, options), k, of);
    },
  };
}

export const knn = createKnn('knn', K, 'kth');
export const knnMean = createKnn('knn_mean', 2 * K, 'mean');

function buildSubgraph(rows: Matrix, k: number, of: 'kth' | 'mean'): FittedDetector {
  const points = centrePoints(rows);
  const { n, d } = points;
  /**
   * The differences between each row and its neighbours, from the one after the `from` nearest to the k-th: N × (k −
   * from) × d.
   */
  const subtractNeighbours = (graph: Graph, x: Value, from: number): Value => {
    const own = moveToPoints(graph, x, points);
    const values = graph.constant(points.values, [n, d]);
    const order = orderByDistance(graph, own, values, graph.constant(points.squares, [n]));
    const { indices } = graph.topK(order, k, { largest: false, sorted: true });
    const wanted = from === 0 ? indices : graph.slice(indices, from, k, 1);
    return graph.sub(graph.unsqueeze(own, [1]), graph.gather(values, wanted));
  };
  return {
    units: 'ratio',
    /** From the differences, as rounding in ‖x‖² − 2x·y + ‖y‖² would make the distance between equal rows positive. */
    score(graph, x) {
      const squares = graph.square(subtractNeighbours(graph, x, of === 'kth' ? k - 1 : 0));
      const sums = graph.reduceSum(squares, [2]);
      return graph.reduceMean(graph.sqrt(sums), [1]);
    },
    /** The mean squared distance to the neighbours, column by column. */
    shares: (graph, x) => graph.reduceMean(graph.square(subtractNeighbours(graph, x, 0)), [1]),
  };
}

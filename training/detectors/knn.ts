import { Random } from '../../kernels/random.ts';
import { centrePoints, moveToPoints, orderByDistance } from '../linear/points.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { type Matrix, selectRows } from '../runtime/rows.ts';
import type { Detector, FitOptions, Fitted } from './detector.ts';

/** Rows that are kept to be neighbours: what a score costs grows with them, what they miss shrinks. */
export const CORESET = 5000;

const K = 5;

/**
 * The distance to the k-th nearest of the training rows (Ramaswamy, Rastogi & Shim 2000), or the mean distance
 * to the k nearest (Angiulli & Pizzuti 2002); of many rows, a random sample is kept.
 */
export function nearest(name: string, k: number, of: 'kth' | 'mean', coreset = CORESET): Detector {
  return {
    name,
    title:
      of === 'kth' ? `distance to the neighbour number ${k}` : `mean distance to the ${k} nearest neighbours`,
    family: 'neighbours',
    minRows: k + 1,
    async fit(rows, options) {
      return fitted(sample(rows, coreset, options), k, of);
    },
  };
}

export const knn = nearest('knn', K, 'kth');
export const knnMean = nearest('knn_mean', 2 * K, 'mean');

/** At most `most` rows, drawn without replacement, in the order that they have. */
export function sample(rows: Matrix, most: number, { seed }: Pick<FitOptions, 'seed'>): Matrix {
  if (rows.n <= most) return rows;
  const order = new Random(seed).shuffle(new Uint32Array(rows.n).map((_, i) => i));
  return selectRows(rows, order.subarray(0, most).sort());
}

function fitted(rows: Matrix, k: number, of: 'kth' | 'mean'): Fitted {
  const points = centrePoints(rows);
  const { n, d } = points;
  /** What lies between each row and its neighbours number `from` to k: N × (k − from) × d. */
  const between = (graph: Graph, x: Value, from: number): Value => {
    const own = moveToPoints(graph, x, points);
    const values = graph.constant(points.values, [n, d]);
    const order = orderByDistance(graph, own, values, graph.constant(points.squares, [n]));
    const { indices } = graph.topK(order, k, { largest: false, sorted: true });
    const wanted = from === 0 ? indices : graph.slice(indices, from, k, 1);
    return graph.sub(graph.unsqueeze(own, [1]), graph.gather(values, wanted));
  };
  return {
    units: 'ratio',
    /** The distances themselves are taken from the differences: of the expanded square, rounding leaves no zeros. */
    score(graph, x) {
      const squares = graph.square(between(graph, x, of === 'kth' ? k - 1 : 0));
      const sums = graph.reduceSum(squares, [2]);
      return graph.reduceMean(graph.sqrt(sums), [1]);
    },
    /** The mean squared distance to the neighbours, column by column. */
    shares: (graph, x) => graph.reduceMean(graph.square(between(graph, x, 0)), [1]),
  };
}

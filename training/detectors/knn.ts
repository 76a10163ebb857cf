import type { Graph, Value } from '../onnx/graph.ts';
import { Random } from '../random.ts';
import { rowsAt } from './apply.ts';
import type { Detector, FitOptions, Fitted, Matrix } from './detector.ts';

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
    async fit(rows, options) {
      if (rows.n <= k) throw new RangeError(`${name} needs more than ${k} rows, there are ${rows.n}`);
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
  return rowsAt(rows, order.subarray(0, most).sort());
}

function fitted({ values, n, d }: Matrix, k: number, of: 'kth' | 'mean'): Fitted {
  const mean = new Float64Array(d);
  for (let p = 0; p < values.length; p++) mean[p % d] += values[p] / n;
  const centre = Float32Array.from(mean);
  const known = values.map((value, p) => value - centre[p % d]);
  const squares = new Float32Array(n);
  for (let p = 0; p < known.length; p++) squares[Math.floor(p / d)] += known[p] ** 2;
  const search = (graph: Graph, x: Value) =>
    neighbours(
      graph,
      graph.op('Sub', [x, graph.constant(centre, [d])]),
      graph.constant(known, [n, d]),
      squares,
      k,
    );
  return {
    units: 'ratio',
    score(graph, x) {
      const { distances } = search(graph, x);
      if (of === 'mean') return graph.op('ReduceMean', [distances], { axes: [1], keepdims: 0 });
      const axis = graph.integers([1]);
      const last = graph.op('Slice', [distances, graph.integers([k - 1]), graph.integers([k]), axis]);
      return graph.op('Squeeze', [last, axis]);
    },
    /** The mean squared distance to the neighbours, column by column. */
    shares(graph, x) {
      const { centred, rows, indices } = search(graph, x);
      const found = graph.op('Gather', [rows, indices], { axis: 0 });
      const away = graph.op('Sub', [graph.op('Unsqueeze', [centred, graph.integers([1])]), found]);
      return graph.op('ReduceMean', [graph.op('Mul', [away, away])], { axes: [1], keepdims: 0 });
    },
  };
}

/**
 * The k nearest of `rows` (n × d, with their squared norms) to each row of `centred` (N × d): distances and
 * indices, N × k, the nearest first. ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b as one product, then TopK.
 */
export function neighbours(graph: Graph, centred: Value, rows: Value, squares: Float32Array, k: number) {
  const doubled = graph.op('Mul', [centred, graph.constant(-2)]);
  const order = graph.op('Gemm', [doubled, rows, graph.constant(squares, [squares.length])], { transB: 1 });
  const [least, indices] = graph.ops('TopK', [order, graph.integers([k])], { largest: 0, sorted: 1 });
  const own = graph.op('ReduceSum', [graph.op('Mul', [centred, centred]), graph.integers([1])], {
    keepdims: 1,
  });
  const squared = graph.op('Max', [graph.op('Add', [least, own]), graph.constant(0)]);
  return { centred, rows, distances: graph.op('Sqrt', [squared]), indices };
}

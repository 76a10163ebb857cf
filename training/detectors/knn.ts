import { centrePoints, moveToPoints, orderByDistance } from '../linear/points.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, FittedDetector } from './detector.ts';
import { sampleRows } from './sample.ts';
import { findTwoValued } from './two-valued.ts';

/** Training rows that are kept as possible neighbours. More rows miss less and make a score more expensive. */
export const CORESET = 5000;

/** For a large neighbourhood, fewer rows are enough: as a share of them, it reaches as far. */
const FEWER = 500;

const K = 5;
/** The share of the rows in a large neighbourhood. */
const SHARE = 0.05;
/** As many of the neighbours as this, evenly spaced, make up the shares. */
const JUDGES = 10;

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

/** The two values of a column are at most this far apart: what they are if both are as frequent, in units of the deviation. */
const WIDEST = 2;

/**
 * The distance to the farthest of the nearest 5% of the rows. Anomalies in a smaller cluster are no neighbourhood of their
 * own, so it is fitted to all rows. Nor are rows with a rare flag or category, which alone is no anomaly: see
 * {@link weighColumns}.
 */
export const knn5Percent: Detector = {
  name: 'knn_5_percent',
  title: 'distance to the farthest of the nearest 5% of the rows',
  family: 'neighbours',
  minRows: K + 1,
  keepsRows: true,
  resistant: true,
  async fit(rows, options) {
    const kept = sampleRows(rows, FEWER, options);
    const { d } = kept;
    const scale = weighColumns(rows);
    const scaled = { ...kept, values: kept.values.map((value, p) => value * scale[p % d]) };
    const { score, shares, units } = buildSubgraph(scaled, Math.max(K, Math.round(SHARE * kept.n)), 'kth');
    const narrow = (graph: Graph, x: Value) => graph.mul(x, graph.constant(scale, [d]));
    return {
      units,
      score: (graph, x) => score(graph, narrow(graph, x)),
      shares: (graph, x) => shares!(graph, narrow(graph, x)),
    };
  },
};

/**
 * A factor for each column: 1, or for two values what makes them at most {@link WIDEST} apart; 0 if fewer rows than a
 * neighbourhood has differ from the others in it, unless all columns are like that.
 */
function weighColumns(rows: Matrix): Float32Array {
  const columns = findTwoValued(rows);
  const isRare = columns.map((column) => column !== undefined && column.rarer < SHARE);
  const all = !isRare.includes(false);
  return Float32Array.from(columns, (column, j) => {
    if (isRare[j] && !all) return 0;
    return column ? Math.min(1, WIDEST / column.gap) : 1;
  });
}

function buildSubgraph(rows: Matrix, k: number, of: 'kth' | 'mean'): FittedDetector {
  const points = centrePoints(rows);
  const { n, d } = points;
  /** The differences between each row and its k nearest, or those that `pick` takes of their indices: N × neighbours × d. */
  const subtractNeighbours = (graph: Graph, x: Value, pick?: (indices: Value) => Value): Value => {
    const own = moveToPoints(graph, x, points);
    const values = graph.constant(points.values, [n, d]);
    const order = orderByDistance(graph, own, values, graph.constant(points.squares, [n]));
    const { indices } = graph.topK(order, k, { largest: false, sorted: true });
    const wanted = pick ? pick(indices) : indices;
    return graph.sub(graph.unsqueeze(own, [1]), graph.gather(values, wanted));
  };
  const judges = Array.from({ length: JUDGES }, (_, i) => Math.floor(((i + 1) * k) / JUDGES) - 1);
  return {
    units: 'ratio',
    /** From the differences, as rounding in ‖x‖² − 2x·y + ‖y‖² would make the distance between equal rows positive. */
    score(graph, x) {
      const pick = of === 'kth' ? (indices: Value) => graph.slice(indices, k - 1, k, 1) : undefined;
      const squares = graph.square(subtractNeighbours(graph, x, pick));
      const sums = graph.reduceSum(squares, [2]);
      return graph.reduceMean(graph.sqrt(sums), [1]);
    },
    /** The mean squared distance to the neighbours, column by column. */
    shares(graph, x) {
      const pick =
        k > JUDGES ? (indices: Value) => graph.gather(indices, graph.integers(judges), 1) : undefined;
      return graph.reduceMean(graph.square(subtractNeighbours(graph, x, pick)), [1]);
    },
  };
}

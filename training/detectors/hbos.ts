import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, FittedDetector } from './detector.ts';

/** A column has √n bins, within these bounds. */
const FEWEST = 10;
const MOST = 50;

/** How far the histogram extends beyond the rows at either end, as a share of their range. */
const MARGIN = 1e-3;
/** The width of a histogram of values that are all the same. */
const WIDTH = 1;

/**
 * Histogram-based outlier score (Goldstein & Dengel 2012): the sum over the columns of log (height of the
 * highest bin / height of the row's own bin). Every bin counts one row more than it has, so that the logarithm of an
 * empty one is finite. Beyond the histogram the density is that of an empty bin.
 */
export const hbos: Detector = {
  name: 'hbos',
  title: 'histogram-based outlier score',
  family: 'statistical',
  minRows: 2,
  async fit(rows) {
    return buildSubgraph(countBins(rows));
  },
};

/** The histograms of all columns. */
interface Histograms {
  d: number;
  bins: number;
  /** The lower end of each column's histogram, and its number of bins per unit. */
  low: Float32Array;
  perUnit: Float32Array;
  /** d × (bins + 2): log (highest bin / bin), with an empty bin before the histogram and one after it. */
  table: Float32Array;
}

function countBins({ values, n, d }: Matrix): Histograms {
  const bins = Math.max(FEWEST, Math.min(MOST, Math.round(Math.sqrt(n))));
  const low = new Float32Array(d);
  const perUnit = new Float32Array(d);
  const stride = bins + 2;
  const table = new Float32Array(d * stride);
  const counts = new Uint32Array(stride);
  for (let j = 0; j < d; j++) {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let p = j; p < n * d; p += d) {
      least = Math.min(least, values[p]);
      most = Math.max(most, values[p]);
    }
    const width = most > least ? (most - least) * (1 + 2 * MARGIN) : WIDTH;
    low[j] = (least + most - width) / 2;
    perUnit[j] = bins / width;
    counts.fill(0);
    for (let p = j; p < n * d; p += d) {
      // In float32, as the graph computes it.
      const bin = Math.floor(Math.fround(Math.fround(values[p] - low[j]) * perUnit[j]));
      counts[Math.max(-1, Math.min(bins, bin)) + 1]++;
    }
    // Rounding may move values across the margin if they are large compared with the column's range.
    counts[0] = 0;
    counts[bins + 1] = 0;
    const highest = Math.max(...counts);
    for (let b = 0; b < stride; b++) table[j * stride + b] = Math.log((highest + 1) / (counts[b] + 1));
  }
  return { d, bins, low, perUnit, table };
}

function buildSubgraph({ d, bins, low, perUnit, table }: Histograms): FittedDetector {
  const stride = bins + 2;
  const starts = Float32Array.from({ length: d }, (_, j) => j * stride + 1);
  const shares = (graph: Graph, x: Value) => {
    const vector = (data: Float32Array) => graph.constant(data, [d]);
    const from = graph.sub(x, vector(low));
    const bin = graph.floor(graph.mul(from, vector(perUnit)));
    const within = graph.clip(bin, -1, bins);
    const place = graph.toInteger(graph.add(within, vector(starts)));
    return graph.gather(graph.constant(table, [d * stride]), place);
  };
  return {
    units: 'log',
    shares,
    score: (graph, x) => graph.reduceSum(shares(graph, x), [1]),
  };
}

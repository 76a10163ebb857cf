import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, Fitted } from './detector.ts';

/** A column has the root of the number of rows as bins, within these bounds. */
const FEWEST = 10;
const MOST = 50;

/** How much wider the histogram is than the rows, at either end, as a share of their range. */
const MARGIN = 1e-3;
/** The width of a histogram of values that are all the same. */
const WIDTH = 1;

/**
 * Histogram-based outlier score (Goldstein & Dengel 2012): the sum over the columns of log (height of the
 * highest bin / height of the row's own bin). One row more is counted in every bin, so that an empty one has a
 * logarithm; beyond the histogram the density is that of an empty bin, the least there can be.
 */
export const hbos: Detector = {
  name: 'hbos',
  title: 'histogram-based outlier score',
  family: 'statistical',
  minRows: 2,
  async fit(rows) {
    return fitted(rows);
  },
};

function fitted({ values, n, d }: Matrix): Fitted {
  const bins = Math.max(FEWEST, Math.min(MOST, Math.round(Math.sqrt(n))));
  const low = new Float32Array(d);
  const perUnit = new Float32Array(d);
  // A bin before the histogram and one behind it, in which there is nothing.
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
      // As the graph computes it, in float32.
      const bin = Math.floor(Math.fround(Math.fround(values[p] - low[j]) * perUnit[j]));
      counts[Math.max(-1, Math.min(bins, bin)) + 1]++;
    }
    // A column far from 0 in units of its range may be rounded across the margin.
    counts[0] = 0;
    counts[bins + 1] = 0;
    const highest = Math.max(...counts);
    for (let b = 0; b < stride; b++) table[j * stride + b] = Math.log((highest + 1) / (counts[b] + 1));
  }
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

import { Random } from '../../kernels/random.ts';
import { quantile } from '../data/datasets/statistics.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, FittedDetector } from './detector.ts';

const TREES = 100;
/** Rows per tree. */
const SUBSAMPLE = 256;

const EULER = 0.5772156649015329;

/**
 * Values that differ by less than this share of what their column usually varies by are the same: filled-in gaps differ in
 * their last digits, and differently on another engine. So are values that float32 hardly tells apart.
 */
const SAME = 2 ** -16;
const LAST_DIGITS = 2 ** -20;

/** Rows that tell what a column usually varies by. */
const SAMPLED = 2048;

/**
 * Isolation forest (Liu, Ting & Zhou 2008): trees split random columns at random values until every row is alone;
 * anomalies are alone after few splits. The score is 2^(−E[h] / c(ψ)) (equation 2), where E[h] is the mean path length
 * over the trees: about 0.5 for an ordinary row, near 1 for a row that one or two splits isolate.
 */
export const isolationForest: Detector = {
  name: 'isolation_forest',
  title: 'isolation forest',
  family: 'isolation',
  minRows: 2,
  async fit(rows, { seed }) {
    return buildSubgraph(growForest(rows, seed));
  },
};

/**
 * Perfect trees, level by level: `columns` and `thresholds` have the nodes of each level, trees × 2^level. A row goes to
 * child 2i + 1 of node i if its value is at least the threshold, else to child 2i. `lengths` are the path lengths of the
 * leaves, trees × 2^depth; all leaves below a node that could not be split have the same.
 */
export interface Forest {
  columns: Uint32Array[];
  thresholds: Float32Array[];
  lengths: Float64Array;
  depth: number;
  /** c(ψ): the average path length in a tree of that many rows. */
  average: number;
}

/** c(n), the average path length of an unsuccessful search in a binary search tree of n rows (equation 1). */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}

/** Algorithms 1 and 2; no tree is higher than a balanced one. */
export function growForest({ values, n, d }: Matrix, seed: number): Forest {
  const size = Math.min(SUBSAMPLE, n);
  const depth = Math.ceil(Math.log2(size));
  const levels = Array.from({ length: depth }, (_, level) => TREES * 2 ** level);
  const forest: Forest = {
    columns: levels.map((count) => new Uint32Array(count)),
    thresholds: levels.map((count) => new Float32Array(count)),
    lengths: new Float64Array(TREES * 2 ** depth),
    depth,
    average: averagePathLength(size),
  };
  const order = new Uint32Array(n).map((_, i) => i);
  const columns = new Uint32Array(d).map((_, j) => j);
  const apart = usualRanges(values, d).map((range) => SAME * range);
  for (let tree = 0; tree < TREES; tree++) {
    const random = Random.stream(seed, tree);
    const split = (rows: Uint32Array, node: number, level: number) => {
      const found = level < depth && rows.length > 1 && chooseSplit(values, apart, rows, columns, random);
      if (!found) {
        const width = 2 ** (depth - level);
        forest.lengths.fill(level + averagePathLength(rows.length), node * width, (node + 1) * width);
        return;
      }
      forest.columns[level][node] = found.column;
      forest.thresholds[level][node] = found.threshold;
      const above = (row: number) => values[row * d + found.column] >= found.threshold;
      split(
        rows.filter((row) => !above(row)),
        2 * node,
        level + 1,
      );
      split(rows.filter(above), 2 * node + 1, level + 1);
    };
    split(draw(order, size, random), tree, 0);
  }
  return forest;
}

/** Draws `count` values without replacement: a Fisher–Yates shuffle in place, as far as needed. */
function draw(values: Uint32Array, count: number, random: Random): Uint32Array {
  for (let i = 0; i < count; i++) {
    const j = i + random.below(values.length - i);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values.slice(0, count);
}

/** The interquartile range of each column, over at most {@link SAMPLED} rows: a few far values do not stretch it. */
function usualRanges(values: Float32Array, d: number): Float64Array {
  const n = values.length / d;
  const step = Math.max(1, Math.floor(n / SAMPLED));
  return Float64Array.from({ length: d }, (_, j) => {
    const sorted = Float64Array.from(
      { length: Math.ceil(n / step) },
      (_, i) => values[i * step * d + j],
    ).sort();
    return quantile(sorted, 0.75) - quantile(sorted, 0.25);
  });
}

/**
 * A random column in which the rows differ by more than `apart`, and a random threshold in its range. Undefined if there
 * is none.
 */
function chooseSplit(
  values: Float32Array,
  apart: Float64Array,
  rows: Uint32Array,
  columns: Uint32Array,
  random: Random,
) {
  const d = apart.length;
  for (let left = d; left > 0; left--) {
    const pick = random.below(left);
    const column = columns[pick];
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const row of rows) {
      const value = values[row * d + column];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (most - least > Math.max(apart[column], LAST_DIGITS * Math.max(Math.abs(least), Math.abs(most)))) {
      const threshold = Math.fround(least + random.uniform() * (most - least));
      return { column, threshold: threshold > least ? threshold : most };
    }
    [columns[pick], columns[left - 1]] = [columns[left - 1], column];
  }
  return undefined;
}

/** Walks all trees at once, level by level. Node indices are small enough to be exact in float32. */
function buildSubgraph({ columns, thresholds, lengths, depth, average }: Forest): FittedDetector {
  return {
    units: 'ratio',
    score(graph: Graph, x: Value) {
      let node = graph.constant(
        Float32Array.from({ length: TREES }, (_, tree) => tree),
        [TREES],
      );
      let value = graph.gather(x, graph.integers([...columns[0]]), 1);
      for (let level = 0; level < depth; level++) {
        const place = graph.toInteger(node);
        if (level > 0) {
          const column = graph.gather(graph.integers([...columns[level]]), place);
          value = graph.op('GatherElements', [x, column], { axis: 1 });
        }
        const threshold = graph.gather(graph.constant(thresholds[level], [thresholds[level].length]), place);
        const above = graph.toFloat(graph.greaterOrEqual(value, threshold));
        node = graph.add(graph.add(node, node), above);
      }
      const shares = Float32Array.from(lengths, (length) => -length / average);
      const reached = graph.gather(graph.constant(shares, [shares.length]), graph.toInteger(node));
      const mean = graph.reduceMean(reached, [1]);
      return graph.exp(graph.mul(mean, Math.LN2));
    },
  };
}

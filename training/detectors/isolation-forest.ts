import { Random } from '../../kernels/random.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Detector, Fitted } from './detector.ts';

const TREES = 100;
/** Rows that a tree is grown from. */
const SUBSAMPLE = 256;

const EULER = 0.5772156649015329;

/**
 * Isolation forest (Liu, Ting & Zhou 2008): trees that split random columns at random values until every row is
 * alone; what is anomalous is alone soon. The score is 2^(−E[h] / c(ψ)) (equation 2), of the mean path length
 * over the trees: about 0.5 of an ordinary row, towards 1 of one that a split or two set apart.
 */
export const isolationForest: Detector = {
  name: 'isolation_forest',
  title: 'isolation forest',
  family: 'isolation',
  minRows: 2,
  async fit(rows, { seed }) {
    return graphOf(grow(rows, seed));
  },
};

/**
 * Trees that are all perfect: `columns` and `thresholds` of the nodes of each level, tree after tree, trees × 2^level;
 * a row goes to child 2i + 1 of node i if its value is at least the threshold, else to child 2i. `lengths`
 * are those of the paths, trees × 2^depth; below a node with one row, or one value in every column, all are the same.
 */
export interface Forest {
  columns: Uint32Array[];
  thresholds: Float32Array[];
  lengths: Float64Array;
  depth: number;
  /** c(ψ): the mean length in a tree of as many rows. */
  usual: number;
}

/** The mean path length of a search without success in a binary tree of n rows (equation 1). */
export function usualLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}

/** Algorithms 1 and 2; the height is limited to that of a balanced tree. */
export function grow({ values, n, d }: Matrix, seed: number): Forest {
  const size = Math.min(SUBSAMPLE, n);
  const depth = Math.ceil(Math.log2(size));
  const levels = Array.from({ length: depth }, (_, level) => TREES * 2 ** level);
  const forest: Forest = {
    columns: levels.map((count) => new Uint32Array(count)),
    thresholds: levels.map((count) => new Float32Array(count)),
    lengths: new Float64Array(TREES * 2 ** depth),
    depth,
    usual: usualLength(size),
  };
  const order = new Uint32Array(n).map((_, i) => i);
  const columns = new Uint32Array(d).map((_, j) => j);
  for (let tree = 0; tree < TREES; tree++) {
    const random = Random.stream(seed, tree);
    const split = (rows: Uint32Array, node: number, level: number) => {
      const found = level < depth && rows.length > 1 && cut(values, d, rows, columns, random);
      if (!found) {
        const width = 2 ** (depth - level);
        forest.lengths.fill(level + usualLength(rows.length), node * width, (node + 1) * width);
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
    split(drawn(order, size, random), tree, 0);
  }
  return forest;
}

/** The first `count` of what `values` are once they are shuffled in place (Fisher–Yates, as far as needed). */
function drawn(values: Uint32Array, count: number, random: Random): Uint32Array {
  for (let i = 0; i < count; i++) {
    const j = i + random.below(values.length - i);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values.slice(0, count);
}

/** A random column in which the rows differ, and a random value between its least and its largest. */
function cut(values: Float32Array, d: number, rows: Uint32Array, columns: Uint32Array, random: Random) {
  for (let left = d; left > 0; left--) {
    const pick = random.below(left);
    const column = columns[pick];
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const row of rows) {
      const value = values[row * d + column];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (most > least) {
      const threshold = Math.fround(least + random.uniform() * (most - least));
      return { column, threshold: threshold > least ? threshold : most };
    }
    [columns[pick], columns[left - 1]] = [columns[left - 1], column];
  }
  return undefined;
}

/** All trees at once, a level after the other: in float32 the indices of nodes are exact. */
function graphOf({ columns, thresholds, lengths, depth, usual }: Forest): Fitted {
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
      const shares = Float32Array.from(lengths, (length) => -length / usual);
      const reached = graph.gather(graph.constant(shares, [shares.length]), graph.toInteger(node));
      const mean = graph.reduceMean(reached, [1]);
      return graph.exp(graph.mul(mean, Math.LN2));
    },
  };
}

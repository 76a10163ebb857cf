import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import { vectorOf } from './column-parts.ts';

/** Stands for infinity, where a number has no bound. */
export const NO_END = 3e38;

/** An increasing piecewise linear function: through the points, and on with these slopes before and after them. */
interface Curve {
  x: readonly number[];
  y: readonly number[];
  before: number;
  after: number;
}

/**
 * Maps raw values to normal scores. Beyond the outermost knots it goes on with the slope of the line from there to
 * the middle knot: far values stay far, but two knots that happen to be close do not make it steep.
 */
export function buildCurve(column: TableColumn): Curve {
  if (column.kind !== 'number') throw new TypeError(`${column.name} has no quantiles`);
  const { knots: x, scores: y } = column;
  const last = x.length - 1;
  const middle = last >> 1;
  const slope = (a: number, b: number) => (y[b] - y[a]) / (x[b] - x[a]);
  const [low, high] = [Math.max(1, middle), Math.min(last - 1, middle)];
  return { x, y, before: slope(0, low), after: slope(high, last) };
}

export const invertCurve = ({ x, y, before, after }: Curve): Curve => ({
  x: y,
  y: x,
  before: 1 / before,
  after: 1 / after,
});

/** Maps column j of `x` (N × curves) by curve j: the sum over the pieces of slope × how far x is along the piece. */
export function applyCurves(graph: Graph, x: Value, curves: readonly Curve[]): Value {
  const pieces = curves.map((curve) => splitCurve(curve));
  const most = Math.max(...pieces.map(({ length }) => length));
  const table = (numberOf: (piece: Piece) => number) => {
    const padded = pieces.flatMap((own) =>
      Array.from({ length: most }, (_, i) => numberOf(own[i] ?? EMPTY_PIECE)),
    );
    return graph.constant(Float32Array.from(padded), [curves.length, most]);
  };
  const starts = table(({ start }) => start);
  const from = graph.sub(graph.unsqueeze(x, [2]), starts);
  const lows = table(({ low }) => low);
  const above = graph.max(from, lows);
  const highs = table(({ high }) => high);
  const along = graph.min(above, highs);
  const slopes = table(({ slope }) => slope);
  const sum = graph.reduceSum(graph.mul(along, slopes), [2]);
  return graph.add(
    sum,
    vectorOf(graph, curves, ({ y }) => y[0]),
  );
}

/** A piece of a curve: the distance of x from `start`, clipped to `low` … `high`, counts with `slope`. */
interface Piece {
  start: number;
  low: number;
  high: number;
  slope: number;
}

const EMPTY_PIECE: Piece = { start: 0, low: 0, high: 0, slope: 0 };

function splitCurve({ x, y, before, after }: Curve): Piece[] {
  const inner = x.slice(1).map((end, i) => ({
    start: x[i],
    low: 0,
    high: end - x[i],
    slope: (y[i + 1] - y[i]) / (end - x[i]),
  }));
  const last = x.length - 1;
  return [
    { start: x[0], low: -NO_END, high: 0, slope: before },
    ...inner,
    { start: x[last], low: 0, high: NO_END, slope: after },
  ];
}

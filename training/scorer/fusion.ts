import type { Fusion } from '../../bundle/fusion.ts';
import { computeSurprise } from '../detectors/tail.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { FittedMember } from './ensemble.ts';
import type { Views } from './views.ts';

/** How many of the largest surprises make up the score. */
const LARGEST: Readonly<Record<Fusion, number>> = { mean: Number.POSITIVE_INFINITY, max: 1, top2: 2 };

/** The weight of other members in the shares: they count only if no member of the score has shares. */
const OTHERS = 1e-6;

/**
 * Fuses the members: `each` is every member's surprise, N × members, and `score` the mean of all or of the largest, [N].
 * The mean of all orders samples as Fisher's combination of tail probabilities does (Fisher 1932), the largest as
 * Tippett's (1931). `weights`, N × members, are the surprises that the score is made of; the others are next to 0.
 */
export function fuse(graph: Graph, views: Views, members: readonly FittedMember[], fusion: Fusion) {
  const columns = graph.integers([1]);
  const surprises = members.map(({ fitted, tail, view }) =>
    graph.unsqueeze(computeSurprise(graph, fitted.score(graph, views(view)), tail), columns),
  );
  const each = graph.concat(surprises, 1);
  const count = LARGEST[fusion];
  if (count >= members.length) return { each, score: graph.reduceMean(each, [1]), weights: each };
  const largest = graph.topK(each, count).values;
  const least = graph.slice(largest, count - 1, count, 1);
  const isPart = graph.toFloat(graph.greaterOrEqual(each, least));
  // The surprise of an overflow is not a number, which is among the largest or not. The score is none either, as with the mean.
  const overflow = graph.mul(graph.reduceMean(each, [1]), 0);
  return {
    each,
    score: graph.add(graph.reduceMean(largest, [1]), overflow),
    weights: graph.mul(each, graph.max(isPart, OTHERS)),
  };
}

/**
 * Each feature's share of the score, N × encoded, 1 in total; all 0 if no member finds anything. The shares of every
 * member that has them are divided by the usual ones and weighted by its entry in `weights` ({@link fuse}). If no
 * member has shares, they are those of the squared error of the reconstruction.
 */
export function explain(graph: Graph, views: Views, members: readonly FittedMember[], weights: Value): Value {
  const axis = graph.integers([1]);
  const parts = members.flatMap(({ fitted, view, usual }, i) => {
    if (!fitted.shares || !usual) return [];
    const inverse = graph.constant(
      usual.map((value) => 1 / value),
      [usual.length],
    );
    const share = graph.mul(fitted.shares(graph, views(view)), inverse);
    const total = graph.reduceSum(share, [1], true);
    const normal = graph.div(share, graph.max(total, 1e-30));
    const weight = graph.slice(weights, i, i + 1, 1);
    return [graph.mul(normal, graph.max(weight, 0))];
  });
  const difference = views('difference');
  const sum = parts.length > 0 ? parts.reduce((a, b) => graph.add(a, b)) : graph.square(difference);
  const total = graph.reduceSum(sum, axis, true);
  return graph.div(sum, graph.max(total, 1e-30));
}

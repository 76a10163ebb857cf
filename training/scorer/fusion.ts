import { computeSurprise } from '../detectors/tail.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { FittedMember } from './ensemble.ts';
import type { Views } from './views.ts';

/**
 * Fuses the members: `each` is every member's surprise, N × members, and `score` their mean, [N]. The mean orders
 * samples as Fisher's combination of tail probabilities does (Fisher 1932).
 */
export function fuse(graph: Graph, views: Views, members: readonly FittedMember[]) {
  const columns = graph.integers([1]);
  const surprises = members.map(({ fitted, tail, view }) =>
    graph.unsqueeze(computeSurprise(graph, fitted.score(graph, views(view)), tail), columns),
  );
  const each = graph.concat(surprises, 1);
  return { each, score: graph.reduceMean(each, [1]) };
}

/**
 * Each feature's share of the score, N × encoded, 1 in total; all 0 if no member finds anything. The shares of every
 * member that has them are divided by the usual ones and weighted by its surprise, its entry in `each`. If no
 * member has shares, they are those of the squared error of the reconstruction.
 */
export function explain(graph: Graph, views: Views, members: readonly FittedMember[], each: Value): Value {
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
    const weight = graph.slice(each, i, i + 1, 1);
    return [graph.mul(normal, graph.max(weight, 0))];
  });
  const difference = views('difference');
  const sum = parts.length > 0 ? parts.reduce((a, b) => graph.add(a, b)) : graph.square(difference);
  const total = graph.reduceSum(sum, axis, true);
  return graph.div(sum, graph.max(total, 1e-30));
}

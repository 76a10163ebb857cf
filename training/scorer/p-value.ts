import { TIE } from '../../bundle/p-value.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

/**
 * The p-values of split-conformal anomaly detection (Laxhammar & Falkman 2010; Bates et al. 2023, equation 2):
 * (1 + #{calibration scores ≥ score}) / (n + 1). `score`: [N], `calibration`: the scores of n samples that training
 * never saw. Returns [N].
 *
 * A calibration score counts as equal within {@link TIE}: an engine rounds differently for one sample than for many at
 * once, and equal samples must get equal p-values.
 */
export function computePValue(graph: Graph, score: Value, calibration: Float32Array): Value {
  const n = calibration.length;
  const least = graph.sub(graph.mul(score, 1 - TIE.relative), TIE.absolute);
  const column = graph.unsqueeze(least, [1]);
  const reference = graph.constant(calibration.toSorted(), [n]);
  const above = graph.toFloat(graph.greaterOrEqual(reference, column));
  const count = graph.reduceSum(above, [1]);
  return graph.div(graph.add(count, 1), n + 1);
}

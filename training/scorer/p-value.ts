import { TIE } from '../../bundle/p-value.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

/** What fills the first block of the calibration scores: no score is as low. */
export const FILLER = -3.4028234663852886e38;

/**
 * The p-values of split-conformal anomaly detection (Laxhammar & Falkman 2010; Bates et al. 2023, equation 2):
 * (1 + #{calibration scores ≥ score}) / (n + 1). `score`: [N], `calibration`: the scores of n samples that training
 * never saw. Returns [N].
 *
 * A calibration score counts as equal within {@link TIE}: an engine rounds differently for one sample than for many at
 * once, and equal samples must get equal p-values.
 *
 * A search in blocks takes 2 √n comparisons instead of n: those blocks count whole whose lowest score is as high, and of
 * the block before them each score is compared.
 */
export function computePValue(graph: Graph, score: Value, calibration: Float32Array): Value {
  const n = calibration.length;
  const length = Math.ceil(Math.sqrt(n + 1));
  const count = Math.ceil((n + 1) / length);
  const least = graph.sub(graph.mul(score, 1 - TIE.relative), TIE.absolute);
  const column = graph.unsqueeze(least, [1]);
  const countAbove = (scores: Value) =>
    graph.reduceSum(graph.toFloat(graph.greaterOrEqual(scores, column)), [1]);
  const blocks = graph.constant(fillBlocks(calibration, count * length), [count, length]);
  const lowest = graph.squeeze(graph.slice(blocks, 0, 1, 1), [1]);
  const whole = countAbove(lowest);
  const next = graph.toInteger(graph.sub(count - 1, whole));
  const above = graph.add(countAbove(graph.gather(blocks, next)), graph.mul(whole, length));
  return graph.div(graph.add(above, 1), n + 1);
}

/** The scores in ascending order, and before them as many {@link FILLER} as it takes to fill `size`, at least one. */
export function fillBlocks(calibration: Float32Array, size: number): Float32Array {
  const blocks = new Float32Array(size).fill(FILLER);
  blocks.set(calibration.toSorted(), size - calibration.length);
  return blocks;
}

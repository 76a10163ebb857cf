import type { Trained } from '../autoencoder/export.ts';
import type { Samples } from '../network/samples.ts';
import type { Detection } from '../scorer/graph.ts';
import { scorerGraph } from '../scorer/graph.ts';
import { Scorer } from '../scorer/scorer.ts';

/** The finished `scorer.onnx`, and the scores of the calibration samples, which its p-values compare with. */
export async function calibrate(
  trained: Trained,
  detection: Detection,
  { data, count }: Samples,
  options: { threads?: number },
): Promise<{ scorer: Uint8Array; calibration: Float32Array }> {
  await using uncalibrated = await Scorer.load(scorerGraph(trained, detection), options);
  const { score } = await uncalibrated.run(data, count, ['score']);
  return { scorer: scorerGraph(trained, detection, score), calibration: score };
}

import type { Trained } from '../autoencoder/export.ts';
import type { Samples } from '../network/samples.ts';
import type { FittedEnsemble } from '../scorer/ensemble.ts';
import { buildScorerGraph } from '../scorer/graph.ts';
import { Scorer } from '../scorer/scorer.ts';

/** Scores the calibration samples, and builds the finished `scorer.onnx`, whose p-values compare with these scores. */
export async function calibrate(
  trained: Trained,
  ensemble: FittedEnsemble,
  { data, count }: Samples,
  options: { threads?: number },
): Promise<{ scorer: Uint8Array; calibration: Float32Array }> {
  await using uncalibrated = await Scorer.load(buildScorerGraph(trained, ensemble), options);
  const { score } = await uncalibrated.run(data, count, ['score']);
  return { scorer: buildScorerGraph(trained, ensemble, score), calibration: score };
}

import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';
import type { CodeIndex } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import {
  exactPValue,
  SCORER_INPUT,
  SCORER_OUTPUTS,
  type ScorerOutput,
  surprisingFeatures,
} from '../../bundle/scoring.ts';
import type { Scored } from './protocol.ts';

/** Scores one sample of raw values. */
export type Scorer = (sample: Float32Array) => Promise<Scored>;

/**
 * Starts `scorer.onnx` in this thread, on one WebAssembly thread, so that no special headers are needed.
 */
export async function createScorer(
  model: Uint8Array,
  codes: CodeIndex,
  { data, scorer }: Manifest,
): Promise<Scorer> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm };
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const run = async (sample: Float32Array): Promise<ScorerOutput> => {
    const outputs = await session.run({
      [SCORER_INPUT]: new ort.Tensor('float32', sample, [1, sample.length]),
    });
    return Object.fromEntries(
      SCORER_OUTPUTS.map((name) => [name, outputs[name]!.data]),
    ) as unknown as ScorerOutput;
  };
  await run(new Float32Array(data.features)); // The first run sets up memory; its time says nothing.
  const answer = async (sample: Float32Array): Promise<Scored> => {
    const start = performance.now();
    const output = await run(sample);
    const milliseconds = performance.now() - start;
    return {
      score: output.score[0]!,
      pValue: exactPValue(output.p_value[0]!, scorer.calibration_count),
      reconstruction: output.reconstruction,
      featureError: output.feature_error,
      surprising: surprisingFeatures(sample, output, 0, {
        features: sample.length,
        width: data.shape[1] * data.shape[2],
        top: 5,
      }),
      placement: codes.place(output.code),
      milliseconds,
    };
  };
  let last: Promise<unknown> = Promise.resolve();
  // The runtime keeps a run's arguments on its own stack, so runs take turns.
  return (sample) => {
    const turn = last.then(() => answer(sample));
    last = turn.catch(() => {});
    return turn;
  };
}

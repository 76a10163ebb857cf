import type { CodeIndex } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import { rankFeatures, rankSurprises } from '../../bundle/score-response.ts';
import { SCORER_INPUT, SCORER_OUTPUTS } from '../../bundle/scorer.ts';
import { type Runner, startEngine, startOnnxRuntime } from './engines.ts';
import type { ModelResult, Opinion } from './protocol.ts';

/** Scores one sample of raw values. */
export type Scorer = (sample: Float32Array) => Promise<ModelResult>;

/** Scores one sample with another engine. */
export type SecondScorer = (sample: Float32Array) => Promise<Opinion>;

/** Decodes a code into a sample of raw values. */
export type Decoder = (code: Float32Array) => Promise<Float32Array>;

/** Starts `scorer.onnx` in this thread. */
export async function createScorer(
  model: Uint8Array,
  codes: CodeIndex,
  { data, scorer }: Manifest,
): Promise<Scorer> {
  const runner = await startEngine(model, SCORER_INPUT);
  // The first run sets up memory and is slow.
  await runner.run(new Float32Array(data.features), 1, SCORER_OUTPUTS);
  return async (sample) => {
    const start = performance.now();
    const output = await runner.run(sample, 1, SCORER_OUTPUTS);
    const milliseconds = performance.now() - start;
    return {
      engine: runner.name,
      score: finiteScore(output.score),
      pValue: exactPValue(output.p_value[0]!, scorer.calibration_count),
      reconstruction: output.reconstruction,
      featureShare: output.feature_share,
      surprising: rankFeatures(sample, output, 0, sample.length, 5),
      detectors: rankSurprises(scorer.detectors, output, 0),
      placement: codes.place(output.code),
      milliseconds,
    };
  };
}

/** Starts `scorer.onnx` with onnxruntime-web, for a second opinion. */
export async function createSecondScorer(model: Uint8Array): Promise<SecondScorer> {
  const runner: Runner = await startOnnxRuntime(model, SCORER_INPUT);
  return async (sample) => {
    const { score } = await runner.run(sample, 1, ['score']);
    return { engine: runner.name, score: finiteScore(score) };
  };
}

function finiteScore([value]: Float32Array): number {
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new Error('the sample is so extreme that its score overflows.');
}

/** Starts `decoder.onnx` in this thread. */
export async function createDecoder(model: Uint8Array): Promise<Decoder> {
  const runner = await startEngine(model, 'code');
  return async (code) => (await runner.run(code, 1, ['sample'])).sample;
}

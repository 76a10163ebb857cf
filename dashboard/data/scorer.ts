import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';
import type { CodeIndex } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import { rankFeatures, rankSurprises } from '../../bundle/score-response.ts';
import { SCORER_INPUT, SCORER_OUTPUTS, type ScorerOutput } from '../../bundle/scorer.ts';
import type { Scored } from './protocol.ts';

/** Scores one sample of raw values. */
export type Scorer = (sample: Float32Array) => Promise<Scored>;

/** Makes a sample, in raw values, of a code. */
export type Decoder = (code: Float32Array) => Promise<Float32Array>;

/** Starts `scorer.onnx` in this thread. */
export async function createScorer(
  model: Uint8Array,
  codes: CodeIndex,
  { data, scorer }: Manifest,
): Promise<Scorer> {
  const session = await createSession(model);
  const run = async (sample: Float32Array): Promise<ScorerOutput> => {
    const outputs = await session.run({ [SCORER_INPUT]: rowOf(sample) });
    return Object.fromEntries(
      SCORER_OUTPUTS.map((name) => [name, outputs[name]!.data]),
    ) as unknown as ScorerOutput;
  };
  const answer = async (sample: Float32Array): Promise<Scored> => {
    const start = performance.now();
    const output = await run(sample);
    const milliseconds = performance.now() - start;
    const [score] = output.score;
    if (!Number.isFinite(score)) throw new Error('the sample is so far off that its score cannot be held.');
    return {
      score: score!,
      pValue: exactPValue(output.p_value[0]!, scorer.calibration_count),
      reconstruction: output.reconstruction,
      featureShare: output.feature_share,
      surprising: rankFeatures(sample, output, 0, sample.length, 5),
      detectors: rankSurprises(scorer.detectors, output, 0),
      placement: codes.place(output.code),
      milliseconds,
    };
  };
  await inTurn(() => run(new Float32Array(data.features))); // The first run sets up memory; its time says nothing.
  return (sample) => inTurn(() => answer(sample));
}

/** Starts `decoder.onnx` in this thread. */
export async function createDecoder(model: Uint8Array): Promise<Decoder> {
  const session = await createSession(model);
  return (code) =>
    inTurn(async () => (await session.run({ code: rowOf(code) })).sample!.data as Float32Array);
}

/** On one WebAssembly thread, so that no special headers are needed. */
function createSession(model: Uint8Array): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm };
  return inTurn(() => ort.InferenceSession.create(model, { executionProviders: ['wasm'] }));
}

const rowOf = (values: Float32Array) => new ort.Tensor('float32', values, [1, values.length]);

let last: Promise<unknown> = Promise.resolve();

/** The runtime keeps a call's arguments on its own stack, so calls take turns. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

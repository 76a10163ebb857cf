import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import * as ort from 'onnxruntime-web/wasm';
import type { CodeIndex } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import { rankFeatures, rankSurprises } from '../../bundle/score-response.ts';
import { SCORER_INPUT, SCORER_OUTPUTS, type ScorerOutput } from '../../bundle/scorer.ts';
import type { ModelResult } from './protocol.ts';

/** Scores one sample of raw values. */
export type Scorer = (sample: Float32Array) => Promise<ModelResult>;

/** Decodes a code into a sample of raw values. */
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
  const score = async (sample: Float32Array): Promise<ModelResult> => {
    const start = performance.now();
    const output = await run(sample);
    const milliseconds = performance.now() - start;
    const [value] = output.score;
    if (value === undefined || !Number.isFinite(value))
      throw new Error('the sample is so extreme that its score overflows.');
    return {
      score: value,
      pValue: exactPValue(output.p_value[0]!, scorer.calibration_count),
      reconstruction: output.reconstruction,
      featureShare: output.feature_share,
      surprising: rankFeatures(sample, output, 0, sample.length, 5),
      detectors: rankSurprises(scorer.detectors, output, 0),
      placement: codes.place(output.code),
      milliseconds,
    };
  };
  await inTurn(() => run(new Float32Array(data.features))); // The first run sets up memory and is slow.
  return (sample) => inTurn(() => score(sample));
}

/** Starts `decoder.onnx` in this thread. */
export async function createDecoder(model: Uint8Array): Promise<Decoder> {
  const session = await createSession(model);
  return (code) =>
    inTurn(async () => (await session.run({ code: rowOf(code) })).sample!.data as Float32Array);
}

/** Uses one WebAssembly thread: more would need a server that sends special headers. */
function createSession(model: Uint8Array): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm };
  return inTurn(() => ort.InferenceSession.create(model, { executionProviders: ['wasm'] }));
}

const rowOf = (values: Float32Array) => new ort.Tensor('float32', values, [1, values.length]);

let last: Promise<unknown> = Promise.resolve();

/** Runs one call at a time, as the runtime keeps a call's arguments on a stack of its own. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

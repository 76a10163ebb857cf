import * as ort from 'onnxruntime-web/wasm';
import { type Engine, SCORER_INPUT, SCORER_OUTPUTS, type ScorerOutput } from '../../bundle/scoring.ts';
import wasm from '../../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm';

/**
 * Runs `scorer.onnx` by onnxruntime-web: WebAssembly SIMD on one thread.
 * Throws if the bytes are not a model that the runtime can load.
 */
export async function createOnnxRuntimeEngine(model: Uint8Array): Promise<Engine> {
  const session = await withCompiledRuntime(() => ort.InferenceSession.create(model));
  let last: Promise<unknown> = Promise.resolve();

  async function run(samples: Float32Array, n: number): Promise<ScorerOutput> {
    const input = new ort.Tensor('float32', samples, [n, samples.length / n]);
    const results = await session.run({ [SCORER_INPUT]: input }, SCORER_OUTPUTS);
    const values = SCORER_OUTPUTS.map((name) => [name, results[name]!.data]);
    input.dispose();
    return Object.fromEntries(values) as ScorerOutput;
  }

  return {
    name: `onnxruntime-web ${ort.env.versions.web}`,
    // The runtime keeps a run's arguments on its own stack, so runs take turns.
    run(samples, n) {
      const turn = last.then(() => run(samples, n));
      last = turn.catch(() => {});
      return turn;
    },
  };
}

/**
 * A Worker may not compile WebAssembly while it runs, only instantiate modules that were deployed with
 * it. The runtime compiles from bytes, so during its start `WebAssembly.instantiate` hands it the
 * deployed module instead.
 */
async function withCompiledRuntime<T>(start: () => Promise<T>): Promise<T> {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = new ArrayBuffer(1);
  const { instantiate } = WebAssembly;
  const deployed = async (_bytes: unknown, imports?: WebAssembly.Imports) => ({
    module: wasm,
    instance: await instantiate(wasm, imports),
  });
  Object.assign(WebAssembly, { instantiate: deployed });
  try {
    return await start();
  } finally {
    Object.assign(WebAssembly, { instantiate });
  }
}

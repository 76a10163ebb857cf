import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm';
import * as ort from 'onnxruntime-web/wasm';
import { type Engine, SCORER_INPUT } from '../../bundle/scorer.ts';

/**
 * Creates an engine that runs `scorer.onnx` with onnxruntime-web: WebAssembly SIMD on one thread.
 * Throws if the runtime cannot load the bytes.
 */
export async function createEngine(model: Uint8Array): Promise<Engine> {
  const run = await loadGraph(model);
  return {
    name: `onnxruntime-web ${ort.env.versions.web}`,
    run: (samples, n, outputs) => run(SCORER_INPUT, samples, n, outputs),
  };
}

/** Runs a graph on its only input, n rows of float32, and returns the given outputs. */
type Run = <K extends string>(
  input: string,
  rows: Float32Array,
  n: number,
  outputs: readonly K[],
) => Promise<Record<K, Float32Array>>;

/** The last run of the queue. Runs go one after the other, because the runtime has a single stack for their arguments. */
let queue: Promise<unknown> = Promise.resolve();

/** Loads an ONNX graph. Throws if the runtime cannot. */
export async function loadGraph(model: Uint8Array): Promise<Run> {
  const session = await withCompiledRuntime(() => ort.InferenceSession.create(model));
  return (input, rows, n, outputs) => {
    const turn = queue.then(async () => {
      const tensor = new ort.Tensor('float32', rows, [n, rows.length / n]);
      const results = await session.run({ [input]: tensor }, outputs);
      tensor.dispose();
      const values = outputs.map((name) => [name, results[name]!.data]);
      return Object.fromEntries(values);
    });
    queue = turn.catch(() => {});
    return turn;
  };
}

/**
 * A Worker must not compile WebAssembly; it may only instantiate modules that were deployed with it. The runtime
 * compiles from bytes, so while it starts, `WebAssembly.instantiate` returns the deployed module instead.
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

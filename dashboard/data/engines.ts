import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { EngineError, load } from '../../engine/index.ts';

/** Runs a graph on n rows of its only input, and returns the outputs that are asked for. */
export interface Runner {
  /** The engine's name. */
  readonly name: string;
  run<K extends string>(
    rows: Float32Array,
    n: number,
    outputs: readonly K[],
  ): Promise<Record<K, Float32Array>>;
}

/** Our engine; onnxruntime-web for a graph that ours does not run. */
export async function startEngine(model: Uint8Array, input: string): Promise<Runner> {
  try {
    const engine = await load(model);
    // What it does not support shows when it runs.
    engine.run(new Float32Array(engine.features), 1, engine.outputs);
    return { name: 'offmanifold', run: async (rows, n, outputs) => engine.run(rows, n, outputs) };
  } catch (error) {
    if (error instanceof EngineError) return startOnnxRuntime(model, input);
    throw error;
  }
}

/** onnxruntime-web, which is fetched now, on one WebAssembly thread: more would need a server that sends special headers. */
export async function startOnnxRuntime(model: Uint8Array, input: string): Promise<Runner> {
  const ort = await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm };
  const start = () => ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const session = await inTurn(start).catch(async (error) => {
    const { ok } = await fetch(wasm, { method: 'HEAD' });
    if (ok) throw error;
    const name = `onnxruntime-web@${ort.env.versions.web}`;
    throw new Error(`this site was built without it: npm install ${name}, and build again`);
  });
  return {
    name: `onnxruntime-web ${ort.env.versions.web}`,
    run: (rows, n, outputs) =>
      inTurn(async () => {
        const tensor = new ort.Tensor('float32', rows, [n, rows.length / n]);
        const found = await session.run({ [input]: tensor }, outputs as readonly string[]);
        const values = outputs.map((name) => [name, found[name]!.data as Float32Array] as const);
        return Object.fromEntries(values) as Record<(typeof outputs)[number], Float32Array>;
      }),
  };
}

let last: Promise<unknown> = Promise.resolve();

/** Runs one call at a time, as onnxruntime-web keeps a call's arguments on a stack of its own. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work);
  last = turn.catch(() => {});
  return turn;
}

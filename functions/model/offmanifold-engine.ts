import type { Engine } from '../../bundle/scorer.ts';
import { Engine as Runtime } from '../../engine/engine.ts';
import kernels from '../../kernels/build/inference-relaxed.wasm';

/**
 * Creates an engine that runs `scorer.onnx` with our own runtime. Throws if the model has an operator that it does not
 * have.
 */
export async function createEngine(model: Uint8Array): Promise<Engine> {
  const runtime = new Runtime(model, kernels);
  return { name: 'offmanifold', run: async (samples, n, outputs) => runtime.run(samples, n, outputs) };
}

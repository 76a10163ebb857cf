import type { Engine } from '../../bundle/scorer.ts';
import { Engine as Runtime } from '../../engine/engine.ts';

/** Starts our own engine, with its kernels compiled. Throws if the model has an operator that it does not have. */
export async function startEngine(scorer: Uint8Array, kernels: WebAssembly.Module): Promise<Engine> {
  const runtime = new Runtime(scorer, kernels);
  return { name: 'offmanifold', run: async (samples, n, outputs) => runtime.run(samples, n, outputs) };
}

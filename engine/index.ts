import { Engine } from './engine.ts';
import { loadKernels } from './kernels.ts';

export { Engine } from './engine.ts';
export { loadKernels } from './kernels.ts';
export { EngineError } from './onnx/error.ts';

/**
 * Loads an ONNX model whose graph treats each sample by itself, such as `scorer.onnx`, ready to run. Throws an
 * {@link EngineError} if the model is damaged or has an operator that the engine does not.
 */
export async function load(model: Uint8Array): Promise<Engine> {
  return new Engine(model, await loadKernels());
}

import type { Engine } from '../../bundle/scorer.ts';
import kernels from '../../kernels/build/inference-relaxed.wasm';
import { startEngine } from './start-engine.ts';

/**
 * Creates an engine that runs `scorer.onnx` with our own runtime. Throws if the model has an operator that it does not
 * have.
 */
export const createEngine = (scorer: Uint8Array): Promise<Engine> => startEngine(scorer, kernels);

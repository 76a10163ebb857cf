import { UserError } from '../bundle/error.ts';
import { type Engine, type NodeEngineName, SCORER_INPUT } from '../bundle/scorer.ts';
import { EngineError } from '../engine/onnx/error.ts';

type CreateEngine = (scorer: Uint8Array) => Promise<Engine>;

/** Loads an engine. Throws a {@link UserError} if it is not installed. */
export const loadEngine = (name: NodeEngineName): Promise<CreateEngine> =>
  name === 'offmanifold' ? loadOwn() : loadOnnxRuntime();

async function loadOwn(): Promise<CreateEngine> {
  const { createEngine } = await import('../functions/model/offmanifold-engine.ts');
  return (scorer) =>
    createEngine(scorer).catch((error: Error) => {
      if (error instanceof EngineError) error.message += '; --engine onnxruntime-node may';
      throw error;
    });
}

async function loadOnnxRuntime(): Promise<CreateEngine> {
  const { default: ort } = await import('onnxruntime-node').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UserError('onnxruntime-node is not installed: npm install onnxruntime-node');
  });
  return async (scorer) => {
    // Requests share the processors: each is computed on one thread.
    const session = await ort.InferenceSession.create(scorer, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    return {
      name: 'onnxruntime-node',
      async run(samples, n, outputs) {
        const input = new ort.Tensor('float32', samples, [n, samples.length / n]);
        const results = await session.run({ [SCORER_INPUT]: input }, outputs as readonly string[]);
        return Object.fromEntries(outputs.map((output) => [output, results[output]!.data])) as never;
      },
    };
  };
}

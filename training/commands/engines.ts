import type { EngineName } from '../../bundle/scorer.ts';
import { EngineError, load } from '../../engine/index.ts';

/** The engine that a Worker gets, and why it is not the one that was asked for. */
export interface ChosenEngine {
  readonly used: EngineName;
  readonly why?: string;
}

/** What to say about an engine that is not the one that was asked for. */
export const explainEngine = ({ used, why }: ChosenEngine): string | undefined =>
  why && `the Worker gets ${used}, which is larger and starts slower: ${why}`;

/** Chooses the engine for a model: onnxruntime-web for one that ours does not run. */
export async function chooseEngine(scorer: Uint8Array, wanted: EngineName): Promise<ChosenEngine> {
  if (wanted !== 'offmanifold') return { used: wanted };
  try {
    const engine = await load(scorer);
    engine.run(new Float32Array(engine.features), 1, engine.outputs);
    return { used: wanted };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { used: 'onnxruntime-web', why: error.message };
  }
}

import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as ort from 'onnxruntime-node';

/** How many threads a computation uses unless it is told: one a core. */
export const defaultThreads = (): number => Math.max(1, availableParallelism());

/** A graph made ready to run by onnxruntime-node on the CPU. */
export function createSession(
  model: Uint8Array,
  { threads = defaultThreads() }: { threads?: number } = {},
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
}

/** A float32 tensor over the caller's array, which is not copied. */
export const tensor = (data: Float32Array, shape: readonly number[]): ort.Tensor =>
  new ort.Tensor('float32', data, shape);

/**
 * Frees what died young. onnxruntime-node returns a copy of every output, also of those that it wrote into
 * our own arrays: megabytes a training step. Left alone, V8 collects them in full collections, several a
 * second, whose threads take the cores from the matrix products; called every few steps, this is cheaper.
 */
export function collectYoung(): void {
  minorCollection ??= exposeCollector();
  minorCollection({ type: 'minor' });
}

type Collector = (options: { type: 'minor' }) => void;
let minorCollection: Collector | undefined;

function exposeCollector(): Collector {
  setFlagsFromString('--expose-gc');
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  return runInNewContext('gc');
}

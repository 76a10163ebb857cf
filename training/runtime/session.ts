import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type * as onnxruntime from 'onnxruntime-node';
import { UserError } from '../../bundle/error.ts';
import { explainNode } from '../../bundle/node/version.ts';

const ort = loadRuntime();

/** Loads onnxruntime-node, which npm leaves out if its install script fails: that fetches GPU files. */
function loadRuntime(): typeof onnxruntime {
  const problem = explainNode();
  if (problem !== undefined) throw new UserError(problem);
  try {
    return createRequire(import.meta.url)('onnxruntime-node');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new UserError(
      'onnxruntime-node is not installed: npm leaves it out if its install script cannot fetch GPU files, which you do not need; run: npm install --ignore-scripts',
    );
  }
}

/** The default number of threads: one per core. */
export const defaultThreads = (): number => Math.max(1, availableParallelism());

/** How a graph is run: CPU threads, and the execution provider ('cpu' by default). */
export interface SessionOptions {
  threads?: number;
  device?: string;
}

/** A device that this installation of onnxruntime-node does not offer. The message lists those that it does. */
export class DeviceError extends UserError {
  override readonly name = 'DeviceError';
}

/** A graph that onnxruntime-node is ready to run; `await using` releases it. */
export type Session = onnxruntime.InferenceSession & AsyncDisposable;

/** Prepares a graph to run. Throws a {@link DeviceError} if the device cannot run it. */
export async function createSession(
  model: Uint8Array,
  { threads = defaultThreads(), device = 'cpu' }: SessionOptions = {},
): Promise<Session> {
  assertDevice(device);
  // What a device lacks is in the error that is thrown; onnxruntime would print it, too.
  if (device !== 'cpu') ort.env.logLevel = 'fatal';
  try {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: {
        // Threads sleep between runs, so that the optimiser gets the cores.
        session: { force_spinning_stop: '1' },
        // This fusion would undo the transposes that make products steady: see passes/steady.ts.
        optimization: { disable_specified_optimizers: 'GemmTransposeFusion' },
      },
    });
    return Object.assign(session, { [Symbol.asyncDispose]: () => session.release() });
  } catch (error) {
    if (device === 'cpu') throw error;
    throw new DeviceError(
      `the device ${device} cannot be used: ${(error as Error).message}${installHint(device)}`,
    );
  }
}

/** Throws a {@link DeviceError} if onnxruntime-node was built without this execution provider. */
export function assertDevice(device: string): void {
  const offered = ort.listSupportedBackends().map(({ name }) => name);
  if (offered.includes(device)) return;
  throw new DeviceError(
    `there is no device ${device} here: onnxruntime-node offers ${offered.join(', ')}${installHint(device)}`,
  );
}

const installHint = (device: string) =>
  device === 'cuda'
    ? '; cuda needs Linux on x64 with an NVIDIA driver, CUDA 12 and cuDNN 9, and the GPU files of onnxruntime-node: node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12'
    : '';

/** A float32 or int64 tensor over the caller's array, without a copy. */
export const tensor = (data: Float32Array | BigInt64Array, shape: readonly number[]): onnxruntime.Tensor =>
  data instanceof Float32Array
    ? new ort.Tensor('float32', data, shape)
    : new ort.Tensor('int64', data, shape);

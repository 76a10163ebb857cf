import { env } from 'cloudflare:workers';
import type { FileSource } from '../bundle/files.ts';
import type { Engine } from '../bundle/scorer.ts';
import kernels from '../kernels/build/inference-relaxed.wasm';
import { readSettings, type Settings } from './http/settings.ts';
import { type Model, openModel } from './model/model.ts';
import { rehearse } from './routes/score.ts';

/** The files of a bundle that a Worker needs, as its modules. */
export interface BundleModules {
  readonly manifest: unknown;
  readonly scorer: ArrayBuffer;
  readonly codes: ArrayBuffer;
}

/** How `offmanifold build` was asked to deploy them. */
export interface DeploymentOptions {
  readonly createEngine: (scorer: Uint8Array) => Promise<Engine>;
  /** Whether the API is deployed alone, without dashboard and bundle. */
  readonly apiOnly: boolean;
}

/** What `createApp` needs. */
export interface Deployment {
  readonly model: Model;
  readonly settings: Settings;
}

/**
 * Opens the bundle that is deployed with a Worker, and reads its settings from the environment. `dist/deployment.js` calls
 * it. Throws if a setting is wrong.
 */
export async function openDeployment(
  modules: BundleModules,
  { createEngine, apiOnly }: DeploymentOptions,
): Promise<Deployment> {
  const model = openModel(readModules(modules), createEngine, kernels);
  // The platform counts this as the start of the isolate, not as a request. If the model is damaged, requests say why.
  await rehearse(model).catch(() => {});
  return { model, settings: { ...readSettings(env), showData: !apiOnly } };
}

/** Reads the files of a bundle from a Worker's modules. */
export function readModules({ manifest, scorer, codes }: BundleModules): FileSource {
  const files = new Map<string, () => Uint8Array>([
    ['manifest.json', () => new TextEncoder().encode(JSON.stringify(manifest))],
    ['scorer.onnx', () => new Uint8Array(scorer)],
    ['codes.bin', () => new Uint8Array(codes)],
  ]);
  return async (name) => {
    const read = files.get(name);
    if (!read) throw new Error(`${name} is not deployed with the Worker`);
    return read();
  };
}

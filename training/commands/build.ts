import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../bundle/error.ts';
import type { MapBundle } from '../../bundle/files.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { AnyManifest } from '../../bundle/map-bundle.ts';
import { MODELS_FILE, modelFolder } from '../../bundle/models.ts';
import { noApiError, openFolder } from '../../bundle/node/folder.ts';
import { LockError, lockHolder, lockMessage } from '../../bundle/node/lock.ts';
import type { EngineName } from '../../bundle/scorer.ts';
import { Progress } from '../console/progress.ts';
import { type Beside, openBeside } from './beside.ts';
import { type ChosenEngine, chooseEngine } from './engines.ts';
import { assertNoOrphan } from './orphan.ts';
import { DIST, PROJECT } from './paths.ts';
import { NOT_SERVED, NOT_SERVED_FILE, placePrograms } from './programs.ts';
import { resolveTool, ToolError } from './tools.ts';
import { type Deployed, shrinkWeights, type WeightsOptions } from './weights.ts';
import { mapModules, workerModules } from './worker-modules.ts';

/** The lock of the process that serves or deploys `dist/`: while it is held, nobody else rebuilds `dist/`. */
export const SERVER_LOCK = {
  path: join(PROJECT, '.wrangler', 'serving'),
  purpose: {
    busy: 'this folder is being served or deployed',
    advice: 'stop that process first, or use another folder',
  },
} as const;

/** Where the process group of a running Worker is written down. */
export const WORKER_RECORD = join(PROJECT, '.wrangler', 'worker');

/** The environment variable by which `serve` and `deploy` tell wrangler's own build step that `dist/` is built: their lock's token. */
export const BUILT_TOKEN = 'OFFMANIFOLD_BUILT';

/**
 * Whether the process that serves or deploys has built `dist/` already, see {@link BUILT_TOKEN}. Throws a {@link ToolError} if that
 * process has ended: what it runs is not to be built from other options.
 */
export async function isBuilt(): Promise<boolean> {
  const token = process.env[BUILT_TOKEN];
  if (token === undefined) return false;
  if ((await lockHolder(SERVER_LOCK.path))?.token === token) return true;
  throw new ToolError(`the process that asks for this build has ended: unset ${BUILT_TOKEN} to build`);
}

/** Throws if a server uses `dist/`, other than the one whose token is given: a {@link LockError}, or an {@link OrphanError}. */
export async function assertNotServed(token?: string): Promise<void> {
  const { path, purpose } = SERVER_LOCK;
  const holder = await lockHolder(path);
  if (holder && holder.token !== token) throw new LockError(lockMessage(path, holder, purpose), holder);
  await assertNoOrphan(WORKER_RECORD);
}

/** How a bundle becomes `dist/`. */
export interface BuildOptions extends WeightsOptions {
  readonly engine: EngineName;
  readonly apiOnly: boolean;
  /** More bundles, which the dashboard shows beside the one that the API serves. */
  readonly beside?: readonly string[];
}

/** What was built: the bundle as it is deployed, the others, and the engine that the Worker imports. */
export interface Built extends Deployed {
  readonly engine: ChosenEngine;
  readonly beside: readonly Manifest[];
}

/**
 * Builds `dist/`, which is what gets deployed: the dashboard, the server for Node, a verified copy of the bundle, and the
 * engine that the Worker imports. With `apiOnly`, there is no dashboard, only what the Worker imports of the bundle, and
 * nothing is served as a file. With weights other than f32, `scorer.onnx` and the manifest are not those of the bundle, see
 * {@link shrinkWeights}. `beside`: see {@link openBeside}. `token`: of the lock that the caller holds, if any.
 */
export async function build(
  model: string,
  { engine: wanted, apiOnly, weights, trainedOn, beside = [] }: BuildOptions,
  token?: string,
): Promise<Built> {
  const progress = new Progress();
  await assertNotServed(token);
  if (apiOnly && beside.length > 0) {
    throw new UserError('--api-only serves one model: name one with --model, or leave out --api-only');
  }
  const others = await openBeside(model, beside);
  const bundle = await openFolder(model);
  const { manifest, scorer }: Deployed =
    weights === 'f32'
      ? { manifest: bundle.manifest, scorer: await bundle.file('scorer.onnx') }
      : await shrinkWeights(bundle, { weights, trainedOn }, progress);
  const names = apiOnly ? WORKER_FILES : manifest.files.map((file) => file.name);
  const read = (name: string) => (name === 'scorer.onnx' ? scorer : bundle.file(name));
  const files = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  await placePrograms(apiOnly, progress);
  await placeBundle(manifest, files, modelFolder(manifest.name, true));
  if (!apiOnly) await placeBeside(others);
  const engine = await chooseEngine(scorer, wanted);
  if (engine.used === 'onnxruntime-web') resolveTool('onnxruntime-web/ort-wasm-simd-threaded.wasm');
  for (const [name, text] of Object.entries(workerModules(engine.used, apiOnly)))
    await writeFile(join(DIST, name), text);
  await writeFile(join(DIST, NOT_SERVED_FILE), apiOnly ? '*\n' : `${NOT_SERVED.join('\n')}\n`);
  return { manifest, scorer, engine, beside: others.bundles.map((other) => other.manifest) };
}

/**
 * Builds `dist/` for a map without a model: the dashboard, the server for Node and a verified copy of the map. Throws a
 * UserError if only the API is wanted, as there is none.
 */
export async function buildMap(
  { manifest, file }: MapBundle,
  { apiOnly }: Pick<BuildOptions, 'apiOnly'>,
  progress: Progress,
  token?: string,
): Promise<void> {
  if (apiOnly) throw noApiError(manifest);
  await assertNotServed(token);
  const files = await Promise.all(manifest.files.map(async ({ name }) => [name, await file(name)] as const));
  await placePrograms(apiOnly, progress);
  await placeBundle(manifest, files, modelFolder(manifest.name, true));
  await placeBeside({ bundles: [], names: [] });
  for (const [name, text] of Object.entries(mapModules)) await writeFile(join(DIST, name), text);
  await writeFile(join(DIST, NOT_SERVED_FILE), `${NOT_SERVED.join('\n')}\n`);
}

/** Puts the files of a bundle in a folder of `dist/`. */
async function placeBundle(
  manifest: AnyManifest,
  files: readonly (readonly [string, Uint8Array])[],
  folder: string,
): Promise<void> {
  const target = join(DIST, folder);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'manifest.json'), JSON.stringify(manifest));
  for (const [name, bytes] of files) await writeFile(join(target, name), bytes);
}

/** Puts the other bundles in `dist/`, and the list of all by which the dashboard finds them: empty for one. */
async function placeBeside({ bundles, names }: Beside): Promise<void> {
  for (const [i, { manifest, file }] of bundles.entries()) {
    const files = manifest.files.map(async (entry) => [entry.name, await file(entry.name)] as const);
    await placeBundle(manifest, await Promise.all(files), modelFolder(names[i + 1]!, false));
  }
  await writeFile(join(DIST, MODELS_FILE), JSON.stringify(names));
}

/** The files of a bundle that the Worker imports. */
const WORKER_FILES = ['scorer.onnx', 'codes.bin'];

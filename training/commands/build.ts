import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../../bundle/error.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { LockError, lockHolder, lockMessage } from '../../bundle/node/lock.ts';
import type { EngineName } from '../../bundle/scorer.ts';
import { Progress } from '../console/progress.ts';
import { type ChosenEngine, chooseEngine } from './engines.ts';
import { hashContents, hashTimes } from './fingerprint.ts';
import { assertNoOrphan } from './orphan.ts';
import { type Deployed, shrinkWeights, type WeightsOptions } from './weights.ts';

/** The root of the project, where wrangler.toml is. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The environment for the project's own tools: the project's Node first, whatever the system's is. */
export const toolEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
  // Compiling its own program takes half of the time that wrangler needs to start.
  NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/offmanifold/compiled'),
});

/** A program that this one runs has failed. The message says which, and the error that it printed. */
export class ToolError extends UserError {
  override readonly name = 'ToolError';
  /** All that it printed. */
  readonly output: string;

  constructor(message: string, output = '') {
    super(message);
    this.output = output;
  }
}

/** The lock of the process that serves or deploys `dist/`: while it is held, nobody else rebuilds `dist/`. */
export const SERVER_LOCK = {
  path: join(ROOT, '.wrangler', 'serving'),
  purpose: {
    busy: 'this folder is being served or deployed',
    advice: 'stop that process first, or use another clone',
  },
} as const;

/** Where the process group of a running Worker is written down. */
export const WORKER_RECORD = join(ROOT, '.wrangler', 'worker');

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
}

/** What was built: the bundle as it is deployed, and the engine that the Worker imports. */
export interface Built extends Deployed {
  readonly engine: ChosenEngine;
}

/**
 * Builds `dist/`, which is what gets deployed: the dashboard, the server for Node, a verified copy of the bundle, and the
 * engine that the Worker imports. With `apiOnly`, there is no dashboard, only what the Worker imports of the bundle, and
 * nothing is served as a file. With weights other than f32, `scorer.onnx` and the manifest are not those of the bundle, see
 * {@link shrinkWeights}. `token`: of the lock that the caller holds, if any.
 */
export async function build(
  model: string,
  { engine: wanted, apiOnly, weights, trainedOn }: BuildOptions,
  token?: string,
): Promise<Built> {
  const progress = new Progress();
  await assertNotServed(token);
  const bundle = await openFolder(model);
  const { manifest, scorer }: Deployed =
    weights === 'f32'
      ? { manifest: bundle.manifest, scorer: await bundle.file('scorer.onnx') }
      : await shrinkWeights(bundle, { weights, trainedOn }, progress);
  const names = apiOnly ? WORKER_FILES : manifest.files.map((file) => file.name);
  const read = (name: string) => (name === 'scorer.onnx' ? scorer : bundle.file(name));
  const files = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  await buildPrograms(apiOnly, progress);
  const target = join(DIST, 'bundle');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'manifest.json'), JSON.stringify(manifest));
  for (const [name, bytes] of files) await writeFile(join(target, name), bytes);
  const engine = await chooseEngine(scorer, wanted);
  const source = `export { createEngine } from '../functions/model/${engine.used}-engine.ts';\nexport const apiOnly = ${apiOnly};\n`;
  await writeFile(join(DIST, 'deployment.js'), source);
  await writeFile(join(DIST, '.assetsignore'), apiOnly ? '*\n' : `${NOT_SERVED.join('\n')}\n`);
  return { manifest, scorer, engine };
}

/** The files of `dist/` that are not served. */
export const NOT_SERVED: readonly string[] = ['deployment.js', 'server.mjs', '.assetsignore'];

const DIST = join(ROOT, 'dist');

/** What the dashboard and the server are made of. */
const SOURCES = [
  'bundle',
  'dashboard',
  'engine',
  'functions',
  'kernels',
  'package-lock.json',
  'server',
  'tsconfig.json',
  'tsne',
];

/** What a build writes for each model. */
const OF_MODEL = ['bundle', 'deployment.js', '.assetsignore'];

/** From what `dist/` was built last, and what it was then. */
const STAMP = join(ROOT, '.wrangler', 'built');

/** Builds the dashboard and the server, unless they are there, as the sources are and as they were written. */
async function buildPrograms(apiOnly: boolean, progress: Progress): Promise<void> {
  const sources = hashContents(ROOT, SOURCES);
  const stamp = () => `${apiOnly} ${sources} ${hashTimes(DIST, ['.'], OF_MODEL)}`;
  const last = await readFile(STAMP, 'utf8').catch(() => undefined);
  if (existsSync(DIST) && last === stamp()) return;
  progress.line(`building the ${apiOnly ? 'server' : 'dashboard'}`);
  await rm(STAMP, { force: true });
  const bundleWith = (config: string) => runTool('vite', ['build', '--config', config, '--logLevel', 'warn']);
  if (apiOnly) await rm(DIST, { recursive: true, force: true });
  else await bundleWith('dashboard/vite.config.ts');
  await bundleWith('server/vite.config.ts');
  await mkdir(dirname(STAMP), { recursive: true });
  await writeFile(STAMP, stamp());
}

/** The files of a bundle that the Worker imports. */
const WORKER_FILES = ['scorer.onnx', 'codes.bin'];

/** What a program printed to standard output and to standard error. */
export interface ToolOutput {
  readonly out: string;
  readonly warnings: string;
}

/** Runs one of the project's own tools until it ends. Throws a {@link ToolError} if it fails. */
export function runTool(
  tool: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ToolOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules/.bin', tool), args, {
      cwd: ROOT,
      env: { ...toolEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = () => child.kill();
    process.once('exit', stop);
    child.once('close', () => process.off('exit', stop));
    let out = '';
    let warnings = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (warnings += data));
    child.on('error', (error) => reject(notStarted(tool, error)));
    child.on('close', (code) => {
      if (code === 0) resolve({ out: plain(out), warnings: plain(warnings) });
      else
        reject(new ToolError(`${tool} ${args[0]} failed:\n${plain(warnings) || plain(out)}`, out + warnings));
    });
  });
}

const plain = (text: string): string => stripVTControlCharacters(text).trim();

/** The error of one of the project's own tools that could not be started. */
export function notStarted(tool: string, { code, message }: NodeJS.ErrnoException): ToolError {
  if (code === 'ENOENT') return new ToolError(`${tool} is not installed here: run npm ci first`);
  return new ToolError(`${tool} could not be started: ${message}`);
}

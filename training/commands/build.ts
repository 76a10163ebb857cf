import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../bundle/error.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { LockError, lockHolder, lockMessage } from '../../bundle/node/lock.ts';
import type { EngineName } from '../../bundle/scorer.ts';
import { type ChosenEngine, chooseEngine } from './engines.ts';

/** The root of the project, where wrangler.toml is. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The environment for the project's own tools: the project's Node first, whatever the system's is. */
export const toolEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
});

/** A program that this one runs has failed. The message says which, and what it printed. */
export class ToolError extends UserError {
  override readonly name = 'ToolError';
}

/** The lock of the process that serves `dist/`: while it is held, nobody else rebuilds `dist/`. */
export const SERVER_LOCK = {
  path: join(ROOT, '.wrangler', 'serving'),
  purpose: { busy: 'this folder is being served', advice: 'stop that process first, or use another clone' },
} as const;

/** The environment variable by which `serve` tells the `build` that it starts the token of its own lock. */
export const SERVER_TOKEN = 'OFFMANIFOLD_SERVER';

/** Throws a {@link LockError} if a server uses `dist/`, other than the one whose token is given. */
export async function assertNotServed(token?: string): Promise<void> {
  const { path, purpose } = SERVER_LOCK;
  const holder = await lockHolder(path);
  if (holder && holder.token !== token) throw new LockError(lockMessage(path, holder, purpose), holder);
}

/**
 * Builds `dist/`, which is what gets deployed: the dashboard, a verified copy of the bundle, and the engine that the Worker
 * imports. With `apiOnly`, only what the Worker imports, and nothing of it is served as a file. Returns which engine
 * that is.
 */
export async function build(
  model: string,
  { engine: wanted, apiOnly }: { engine: EngineName; apiOnly: boolean },
): Promise<ChosenEngine> {
  await assertNotServed(process.env[SERVER_TOKEN]);
  const bundle = await openFolder(model);
  const names = apiOnly ? WORKER_FILES : bundle.manifest.files.map((file) => file.name);
  const files = await Promise.all(names.map(async (name) => [name, await bundle.file(name)] as const));
  if (apiOnly) await rm(join(ROOT, 'dist'), { recursive: true, force: true });
  else await runTool('vite', ['build', '--config', 'dashboard/vite.config.ts', '--logLevel', 'warn']);
  const target = join(ROOT, 'dist', 'bundle');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'manifest.json'), JSON.stringify(bundle.manifest));
  for (const [name, bytes] of files) await writeFile(join(target, name), bytes);
  const engine = await chooseEngine(await bundle.file('scorer.onnx'), wanted);
  const source = `export { createEngine } from '../functions/model/${engine.used}-engine.ts';\nexport const apiOnly = ${apiOnly};\n`;
  await writeFile(join(ROOT, 'dist', 'deployment.js'), source);
  // What is listed here is not served as a file.
  await writeFile(join(ROOT, 'dist', '.assetsignore'), apiOnly ? '*\n' : 'deployment.js\n.assetsignore\n');
  return engine;
}

/** The files of a bundle that the Worker imports. */
const WORKER_FILES = ['scorer.onnx', 'codes.bin'];

/** Runs one of the project's own tools until it ends. Throws a {@link ToolError} if it fails. */
function runTool(tool: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules/.bin', tool), args, {
      cwd: ROOT,
      env: toolEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', (error) => reject(new ToolError(`${tool} could not be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new ToolError(`${tool} ${args[0]} failed:\n${output.trim()}`));
    });
  });
}

import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../bundle/error.ts';
import { lockHolder, openFolder } from '../../bundle/folder.ts';

/** The root of the project, where wrangler.toml is. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The environment for the project's own tools: the project's Node first, whatever the system's is. */
export const toolEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
});

/** A program that this one needs has failed. The message says which, and what it printed. */
export class ToolError extends UserError {
  override readonly name = 'ToolError';
}

/** Holds the id of the process that serves `dist/`, which nobody else may then build anew. */
export const DIST_LOCK = join(ROOT, '.wrangler', 'serving');

/** Throws a {@link ToolError} if a server other than the one that asks uses `dist/`. */
export async function assertNotServed(own?: number): Promise<void> {
  const holder = await lockHolder(DIST_LOCK);
  if (holder !== undefined && holder !== own) {
    throw new ToolError(
      `process ${holder} already serves from this folder: stop it first, or use another clone`,
    );
  }
}

/** Builds what is deployed, `dist/`: the dashboard, and beside it the checked bundle. */
export async function build(model: string): Promise<void> {
  await assertNotServed(Number(process.env.OFFMANIFOLD_SERVER));
  const bundle = await openFolder(model);
  const names = bundle.manifest.files.map((file) => file.name);
  const files = await Promise.all(names.map(async (name) => [name, await bundle.file(name)] as const));
  await run('vite', ['build', '--config', 'dashboard/vite.config.ts', '--logLevel', 'warn']);
  const target = join(ROOT, 'dist', 'bundle');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'manifest.json'), JSON.stringify(bundle.manifest));
  for (const [name, bytes] of files) await writeFile(join(target, name), bytes);
}

/** Runs one of the project's own tools to its end. */
function run(tool: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(join(ROOT, 'node_modules/.bin', tool), args, {
      cwd: ROOT,
      env: toolEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', (error) => fail(new ToolError(`${tool} could not be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) done();
      else fail(new ToolError(`${tool} ${args[0]} failed:\n${output.trim()}`));
    });
  });
}

import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../../bundle/error.ts';
import { MODELS_FILE } from '../../bundle/models.ts';
import type { Progress } from '../console/progress.ts';
import { hashContents, hashTimes } from './fingerprint.ts';
import { DIST, INSTALLED, PROGRAM, PROJECT } from './paths.ts';
import { resolveTool, runTool, ToolError } from './tools.ts';

/** The file of `dist/` that says which others are not served. It is in every `dist/` that we made. */
export const NOT_SERVED_FILE = '.assetsignore';

/** What a build writes for each model, besides what is served. */
const OF_MODEL = ['worker.js', 'deployment.js', 'deployment.d.ts', NOT_SERVED_FILE];

/** The files of `dist/` that are not served. */
export const NOT_SERVED: readonly string[] = [...OF_MODEL, 'server.mjs'];

/** Puts the dashboard and the server in `dist/`; the server alone for an API without pages. */
export const placePrograms = (apiOnly: boolean, progress: Progress): Promise<void> =>
  INSTALLED ? copyPrograms(apiOnly) : buildPrograms(apiOnly, progress);

/** Copies them from the package, where they are built. */
async function copyPrograms(apiOnly: boolean): Promise<void> {
  if (existsSync(DIST) && !existsSync(join(DIST, NOT_SERVED_FILE))) {
    throw new UserError(`${DIST} was not made by offmanifold build, which would replace it: move it away`);
  }
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST);
  await writeFile(join(DIST, NOT_SERVED_FILE), '*\n');
  const prebuilt = join(PROGRAM, 'prebuilt');
  if (apiOnly) return copyFile(join(prebuilt, 'server.mjs'), join(DIST, 'server.mjs'));
  await cp(prebuilt, DIST, { recursive: true });
  await placeRuntime(join(DIST, 'assets'));
}

/** The dashboard's second opinion: an empty file stands for onnxruntime-web, which the package does not bring. */
async function placeRuntime(assets: string): Promise<void> {
  const name = (await readdir(assets)).find((file) => /^ort-.*\.wasm$/.test(file))!;
  try {
    await copyFile(resolveTool('onnxruntime-web/ort-wasm-simd-threaded.wasm'), join(assets, name));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    await rm(join(assets, name));
  }
}

/** What the dashboard and the server are made of. */
export const SOURCES = [
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

/** From what `dist/` was built last, and what it was then. */
const STAMP = join(PROJECT, '.wrangler', 'built');

/** Builds them in a clone, unless they are there, as the sources are and as they were written. */
async function buildPrograms(apiOnly: boolean, progress: Progress): Promise<void> {
  const sources = hashContents(PROGRAM, SOURCES);
  const stamp = () => `${apiOnly} ${sources} ${hashTimes(DIST, ['.'], ['bundle', MODELS_FILE, ...OF_MODEL])}`;
  const last = await readFile(STAMP, 'utf8').catch(() => undefined);
  if (existsSync(DIST) && last === stamp()) return;
  progress.line(`building the ${apiOnly ? 'server' : 'dashboard'}`);
  await rm(STAMP, { force: true });
  // Whatever is set where this runs: otherwise Svelte would bring its checks for development.
  const env = { NODE_ENV: 'production' };
  const bundleWith = (config: string) =>
    runTool('vite', ['build', '--config', config, '--logLevel', 'warn'], env);
  if (apiOnly) await rm(DIST, { recursive: true, force: true });
  else await bundleWith('dashboard/vite.config.ts');
  await bundleWith('server/vite.config.ts');
  await mkdir(dirname(STAMP), { recursive: true });
  await writeFile(STAMP, stamp());
}

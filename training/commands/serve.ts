import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../../bundle/error.ts';
import { isMap, type MapBundle } from '../../bundle/files.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { verifyAnyFolder } from '../../bundle/node/folder.ts';
import { Lock } from '../../bundle/node/lock.ts';
import { Progress } from '../console/progress.ts';
import { type Address, assertFree, isLocal, urlOf } from './address.ts';
import { openBeside } from './beside.ts';
import { openBrowser } from './browser.ts';
import { assertNotServed, type BuildOptions, build, buildMap, SERVER_LOCK } from './build.ts';
import { KEYS_PROTECT_API, LIMITS } from './deploy-checks.ts';
import { type DevWorker, startWorker } from './dev-worker.ts';
import { explainEngine } from './engines.ts';
import { watchParent } from './parent.ts';
import { writeWranglerToml } from './project-files.ts';
import { Silence } from './silence.ts';
import { ToolError, tidyErrors } from './tools.ts';
import { welcome, welcomeToMap } from './welcome.ts';
import { workerName } from './worker-name.ts';

/** How long wrangler may print nothing until it answers. On a slow machine it takes long, but goes on. */
const SILENCE_MS = 120_000;

/** How to serve a bundle for development. */
export interface ServeOptions extends Address, BuildOptions {
  /** Whether to open the dashboard in the browser. */
  readonly open?: boolean;
}

/**
 * Builds `dist/` and serves API and dashboard with wrangler's local runtime, until the process is told to stop (Ctrl-C or
 * SIGTERM), or npm is that started it.
 */
export async function serve(model: string, { open, ...options }: ServeOptions): Promise<void> {
  const progress = new Progress();
  const bundle = await verifyAnyFolder(model);
  await mkdir(dirname(SERVER_LOCK.path), { recursive: true });
  using lock = await Lock.take(SERVER_LOCK.path, SERVER_LOCK.purpose);
  const { token } = lock;
  await assertNotServed(token);
  await assertFree(options);
  if (!isLocal(options)) {
    progress.warn(`anyone who reaches this machine can call the API at ${options.host}`);
  }
  await writeWranglerToml(workerName(bundle.manifest.name), progress);
  // A map with models beside it is refused by name.
  await openBeside(model, options.beside ?? []);
  const sayWelcome = isMap(bundle)
    ? await prepareMap(bundle, options, token, progress)
    : await prepareModel(model, options, token, progress);
  progress.line('starting the Worker');
  const worker = await startWorker(options, token);
  const stopped = await stopWhenTold(worker);
  const url = urlOf(options);
  if (await answers(url, worker)) {
    worker.showErrors();
    const described = await fetch(`${url}/api/v1/model`).catch(() => undefined);
    // There is no answer if it was stopped as soon as it was ready.
    if (described) {
      const asksForKey = described.status === 401;
      if (asksForKey && !options.apiOnly) progress.warn(`API keys: ${KEYS_PROTECT_API}`);
      progress.line(sayWelcome(url, asksForKey));
      if (open && !(await openBrowser(url))) progress.warn(`no browser could be opened for ${url}`);
    }
    await worker.ended;
    if (!stopped()) throw new ToolError('the Worker stopped unexpectedly');
    progress.line('stopped');
  } else if (!stopped()) {
    worker.stop();
    await worker.ended;
    throw explainFailure(worker.output());
  }
}

/** What is said once the server answers. */
type Welcome = (url: string, asksForKey: boolean) => string;

/** Builds `dist/` for a model. */
async function prepareModel(
  model: string,
  options: ServeOptions,
  token: string,
  progress: Progress,
): Promise<Welcome> {
  const { manifest, engine, beside } = await build(model, options, token);
  for (const each of [manifest, ...beside]) assertServable(each, options.apiOnly);
  const explanation = explainEngine(engine);
  if (explanation) progress.line(explanation);
  return (url, asksForKey) => welcome(url, manifest.data, asksForKey);
}

/** The same for a map without a model. */
async function prepareMap(
  bundle: MapBundle,
  options: ServeOptions,
  token: string,
  progress: Progress,
): Promise<Welcome> {
  await buildMap(bundle, options, progress, token);
  assertServable(bundle.manifest, false);
  return welcomeToMap;
}

/** Throws a {@link UserError} if wrangler, which has the limits of Cloudflare, does not serve a file of the bundle. */
function assertServable({ files }: Pick<Manifest, 'files'>, apiOnly: boolean): void {
  const large = files.find(({ bytes }) => bytes > LIMITS.fileBytes);
  if (!large || apiOnly) return;
  const [has, most] = [large.bytes, LIMITS.fileBytes].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
  throw new UserError(
    `${large.name} has ${has}, and a Worker serves files of up to ${most}: serve with --api-only, run npx offmanifold build and npx offmanifold serve --production, or train a smaller model`,
  );
}

/** Waits until the Worker answers. False if it ends before that, or is silent for too long. */
async function answers(url: string, worker: DevWorker): Promise<boolean> {
  using silence = new Silence(SILENCE_MS);
  worker.onOutput(() => silence.heard());
  const ended = new AbortController();
  void worker.ended.then(() => ended.abort());
  const signal = AbortSignal.any([silence.signal, ended.signal]);
  while (!signal.aborted) {
    const response = await fetch(`${url}/api/v1/health`, { signal }).catch(() => undefined);
    if (response?.ok) return true;
    await sleep(50);
  }
  return false;
}

/** What the Worker itself says of the variables that it was started with; else all that wrangler has printed. */
export function explainFailure(output: string): Error {
  const [, said] = /Uncaught Error: UserError: (.+)/.exec(stripVTControlCharacters(output)) ?? [];
  if (said === undefined) {
    const errors = tidyErrors(output);
    const why = /wrangler\.toml/.test(errors) ? ': wrangler refuses wrangler.toml' : '';
    return new ToolError(`the Worker did not start${why}:\n${errors}`);
  }
  return new UserError(`${said}; variables come from .dev.vars and from [vars] in wrangler.toml`);
}

/** From now on, what tells this process to stop ends the Worker first. Returns a function that says whether it was told. */
async function stopWhenTold(worker: DevWorker): Promise<() => boolean> {
  let told = false;
  const stop = () => {
    told = true;
    worker.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, stop);
  }
  await watchParent(stop);
  return () => told;
}

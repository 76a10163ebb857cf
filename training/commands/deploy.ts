import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { Lock } from '../../bundle/node/lock.ts';
import { parseModel } from '../../engine/onnx/model.ts';
import { Progress } from '../console/progress.ts';
import { BUILT_TOKEN, type BuildOptions, build, SERVER_LOCK } from './build.ts';
import {
  type Check,
  checkBundle,
  checkEngine,
  checkFiles,
  checkKeys,
  checkOrigins,
  checkRate,
  checkSize,
  checkStart,
  checkVariables,
  describeChecks,
  LIMITS,
  type ServedFile,
} from './deploy-checks.ts';
import { DIST } from './paths.ts';
import { NOT_SERVED } from './programs.ts';
import { writeWranglerToml } from './project-files.ts';
import { describePublic } from './public.ts';
import { packWorker } from './upload.ts';
import { workerName } from './worker-name.ts';
import { assertLoggedIn, DeployError, listSecrets, readArguments, uploadWorker } from './wrangler.ts';

export interface DeployOptions {
  /** The name of the Worker; by default it follows the model, see {@link workerName}. */
  readonly name: string | undefined;
  /** Do everything but the upload: needs no account and no network. */
  readonly dryRun: boolean;
  /** More arguments for `wrangler deploy`. */
  readonly wrangler: readonly string[];
  /** The command line that deploys, to show after a dry run. */
  readonly command: string;
}

/**
 * Builds `dist/`, checks what would be uploaded, prints what it finds, and has wrangler upload it. Throws a
 * {@link DeployError} if a check fails.
 */
export async function deploy(
  model: string,
  options: BuildOptions,
  { name, dryRun, wrangler, command }: DeployOptions,
): Promise<void> {
  const progress = new Progress();
  const bundle = await verifyFolder(model);
  const { environment, domains, account } = readArguments(wrangler);
  const worker = name ?? workerName(bundle.manifest.name, environment);
  if (!dryRun) await assertLoggedIn(account);
  await mkdir(dirname(SERVER_LOCK.path), { recursive: true });
  using lock = await Lock.take(SERVER_LOCK.path, SERVER_LOCK.purpose);
  await writeWranglerToml(worker, progress);
  progress.line('building dist/');
  const { manifest, scorer, engine } = await build(model, options, lock.token);
  const args = ['--name', worker, ...wrangler];
  const env = { [BUILT_TOKEN]: lock.token };
  const { nodes } = parseModel(scorer);
  const checks: Check[] = [
    checkBundle(model, manifest),
    checkEngine(engine, new Set(nodes.map(({ op }) => op)).size),
    checkFiles(options.apiOnly ? [] : await listServedFiles()),
  ];
  // Wrangler bundles no Worker with a file that is too large.
  if (!checks.some(isFailed)) {
    progress.line('bundling the Worker and starting it here');
    const { upload, startMs, warnings } = await packWorker(args, env, LIMITS.startMs / 2);
    if (warnings !== '') progress.warn(warnings);
    const { bindings } = upload;
    const secrets = dryRun ? undefined : await listSecrets(worker, account);
    checks.push(
      checkSize(upload),
      checkStart(startMs),
      checkVariables(bindings),
      checkKeys(bindings, secrets, { worker, apiOnly: options.apiOnly }),
      checkRate(bindings),
      checkOrigins(bindings),
    );
  }
  for (const line of describeChecks(checks)) console.log(line);
  for (const line of describePublic(manifest, options.apiOnly)) console.log(`public: ${line}`);
  console.log(`Worker: ${worker}, at ${describeAddress(worker, domains)}`);
  const failed = checks.filter(isFailed).map((check) => check.name);
  if (failed.length > 0) throw new DeployError(`not deployed: ${failed.join(', ')} (✗ above)`);
  if (dryRun) console.log(`Nothing was uploaded. To deploy: ${command}`);
  else await uploadWorker(args, env);
}

const describeAddress = (worker: string, domains: readonly string[]): string =>
  domains.length > 0
    ? domains.map((domain) => `https://${domain}`).join(', ')
    : `https://${worker}.SUBDOMAIN.workers.dev with your account's SUBDOMAIN`;

const isFailed = ({ verdict }: Check): boolean => verdict === 'fail';

/** The files of `dist/` that are served. */
async function listServedFiles(): Promise<ServedFile[]> {
  const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => ({ name: relative(DIST, path), bytes: (await stat(path)).size })),
  );
  return files.filter(({ name }) => name !== '_headers' && !NOT_SERVED.includes(name));
}

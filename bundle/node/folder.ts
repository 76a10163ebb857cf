import { lstat, readdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BundleError } from '../error.ts';
import { type Bundle, openBundle } from '../reader.ts';
import { reason } from '../system.ts';

/** What stands beside a bundle while it is written: see writer.ts. All are `models/.NAME.*`. */
export function besides(folder: string) {
  const root = resolve(folder);
  const beside = (kind: string) => join(dirname(root), `.${basename(root)}.${kind}`);
  return { root, partial: beside('partial'), previous: beside('previous'), lock: beside('lock') };
}

/** Opens `models/<name>`. Throws a {@link BundleError} that names the folder, the file and what is wrong. */
export async function openFolder(folder: string): Promise<Bundle> {
  const { root } = besides(folder);
  if (!(await isTaken(folder))) {
    throw new BundleError(`there is no bundle at ${folder}: npx offmanifold train --out ${folder} makes one`);
  }
  return named(folder, () =>
    openBundle((name) =>
      readFile(join(root, name)).catch((error: NodeJS.ErrnoException) => {
        throw new BundleError(`${name} cannot be read: ${reason(error)}`);
      }),
    ),
  );
}

/** Opens a folder and reads every file once, so that a damaged one is known before it is used. */
export async function verifyFolder(folder: string): Promise<Bundle> {
  const bundle = await openFolder(folder);
  await named(folder, async () => {
    for (const { name } of bundle.manifest.files) await bundle.file(name);
  });
  return bundle;
}

/** Whether there is something at the folder, whole or not: false if it does not exist or is empty. */
export async function isTaken(folder: string): Promise<boolean> {
  await recover(folder);
  const { root } = besides(folder);
  const found = await lstat(root).catch(() => undefined);
  return found !== undefined && (!found.isDirectory() || (await readdir(root)).length > 0);
}

/**
 * If a writer was stopped between its two renames, the bundle that it had moved aside is moved back.
 * A writer that is just between them gets a moment to do the second.
 */
export async function recover(folder: string): Promise<void> {
  const { root, previous, lock } = besides(folder);
  for (let tries = 0; (await isAbsent(root)) && !(await isAbsent(previous)); tries++) {
    const writer = await lockHolder(lock);
    if (writer !== undefined && writer !== process.pid && tries < 50) await sleep(20);
    else await rename(previous, root).catch(() => {});
    if (tries > 100) return;
  }
}

/** The process that holds a lock file; undefined if there is none, or it has ended. */
export async function lockHolder(lock: string): Promise<number | undefined> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined;
  }
}

const isAbsent = (path: string): Promise<boolean> =>
  readdir(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );

/** Puts the folder before a {@link BundleError}'s sentence. */
async function named<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BundleError ? new BundleError(`${folder}: ${error.message}`) : error;
  }
}

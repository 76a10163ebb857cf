import { lstat, readdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BundleError, UserError } from '../error.ts';
import type { Bundle, FileSource, MapBundle } from '../files.ts';
import { listChoices } from '../list.ts';
import type { MapManifest } from '../map-bundle.ts';
import { findNearestName } from '../misspelling.ts';
import { openAny, openBundle } from '../reader.ts';
import { reason } from '../system-error.ts';
import { findBundles, MODELS } from './find.ts';
import { lockHolder } from './lock.ts';

/** The paths of a bundle and of what is next to it while it is written: hidden files named after the bundle. */
export function bundlePaths(folder: string) {
  const root = resolve(folder);
  const beside = (kind: string) => join(dirname(root), `.${basename(root)}.${kind}`);
  return { root, partial: beside('partial'), previous: beside('previous'), lock: beside('lock') };
}

/** Opens `models/<name>`. Throws a {@link BundleError} that names the folder, the file and what is wrong. */
export const openFolder = (folder: string): Promise<Bundle> => openWith(folder, openBundle, { maps: false });

/** The same for a bundle or a map without a model. */
export const openAnyFolder = (folder: string): Promise<Bundle | MapBundle> =>
  openWith(folder, openAny, { maps: true });

async function openWith<B extends Bundle | MapBundle>(
  folder: string,
  open: (source: FileSource) => Promise<B>,
  accepted: { maps: boolean },
): Promise<B> {
  const { root } = bundlePaths(folder);
  await assertOneBundle(folder, accepted);
  if (!(await isTaken(folder))) throw explainAbsence(folder, accepted);
  if ((await lstat(root)).isFile()) {
    throw new BundleError(`${folder} is a file: expected the folder of a bundle`);
  }
  const bundle = await naming(folder, () => open(folderSource(root)));
  return {
    ...bundle,
    file: (name) => naming(folder, () => bundle.file(name)),
    json: (name) => naming(folder, () => bundle.json(name)),
  };
}

/** Throws a {@link BundleError} for a folder of bundles, which is no bundle itself. */
async function assertOneBundle(folder: string, accepted: { maps: boolean }): Promise<void> {
  const found = await lstat(join(folder, 'manifest.json')).catch(() => undefined);
  if (found) return;
  const [first, ...others] = findBundles(folder, accepted);
  if (first !== undefined) {
    const all = [first, ...others];
    const names = list.format(all.map((path) => basename(path)));
    const holds = others.length === 0 ? `a bundle, ${names}` : `${all.length} bundles, ${names}`;
    const which = others.length === 0 ? 'use' : 'say which, such as with';
    throw new BundleError(`${folder}/ holds ${holds}: ${which} --model ${first}`);
  }
  if (basename(folder) === MODELS) {
    throw new BundleError(
      `there is no bundle in ${resolve(folder)}: train one with npx offmanifold train DATA, or name its folder with --model`,
    );
  }
}

const list = new Intl.ListFormat('en-GB');

/** The error for a path where nothing is: it names the bundle that was probably meant, or those beside it. */
function explainAbsence(folder: string, accepted: { maps: boolean }): BundleError {
  const others = findBundles(dirname(folder), accepted);
  const known = [...others, ...findBundles(MODELS, accepted)];
  const names = known.map((path) => basename(path));
  const nearest = names.length === 0 ? undefined : findNearestName(basename(folder), names);
  if (nearest?.near) {
    const meant = known[names.indexOf(nearest.name)];
    return new BundleError(`there is no bundle at ${folder}; did you mean ${meant}?`);
  }
  const choice = others.length > 0 ? `; choose ${listChoices(others)} with --model, or` : ';';
  return new BundleError(
    `there is no bundle at ${folder}${choice} train one with npx offmanifold train DATA`,
  );
}

/** A source that reads from a folder. */
export const folderSource =
  (folder: string): FileSource =>
  (name) =>
    readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      throw new BundleError(`${name} cannot be read: ${reason(error)}`);
    });

/** Opens a bundle and reads each of its files once, so that damage shows before the bundle is used. */
export const verifyFolder = async (folder: string): Promise<Bundle> => verified(await openFolder(folder));

/** The same for a bundle or a map without a model. */
export const verifyAnyFolder = async (folder: string): Promise<Bundle | MapBundle> =>
  verified(await openAnyFolder(folder));

async function verified<B extends Bundle | MapBundle>(bundle: B): Promise<B> {
  for (const { name } of bundle.manifest.files) await bundle.file(name);
  return bundle;
}

/**
 * Whether there is something at the path, a bundle or not: false if there is nothing, or an empty folder. An interrupted
 * write is undone first, see {@link recover}.
 */
export async function isTaken(folder: string): Promise<boolean> {
  await recover(folder);
  const { root } = bundlePaths(folder);
  const found = await lstat(root).catch(() => undefined);
  return found !== undefined && (!found.isDirectory() || (await readdir(root)).length > 0);
}

/**
 * Moves the older bundle back if its writer stopped between renaming it and renaming the new one. A writer that is
 * between the two right now gets a second to finish.
 */
export async function recover(folder: string): Promise<void> {
  const { root, previous, lock } = bundlePaths(folder);
  for (let tries = 0; (await isAbsent(root)) && !(await isAbsent(previous)); tries++) {
    const writer = await lockHolder(lock);
    if (writer !== undefined && writer.pid !== process.pid && tries < 50) await sleep(20);
    else await rename(previous, root).catch(() => {});
    if (tries > 100) return;
  }
}

const isAbsent = (path: string): Promise<boolean> =>
  readdir(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );

/** The error for `--api-only` with a map. */
export const noApiError = ({ name }: MapManifest): UserError =>
  new UserError(`${name} is a map without a model: there is no API to serve, leave out --api-only`);

/** Starts the message of a {@link BundleError} with the folder. */
export async function naming<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BundleError ? new BundleError(`${folder}: ${error.message}`) : error;
  }
}

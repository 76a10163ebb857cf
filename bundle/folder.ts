import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BundleError } from './error.ts';
import { type Manifest, modelId, sha256Hex } from './manifest.ts';
import { type Bundle, openBundle } from './reader.ts';

/** A bundle's contents before it is written: the manifest without what follows from the files. */
export interface BundleContents {
  manifest: Omit<Manifest, 'model_id' | 'files'>;
  files: ReadonlyMap<string, Uint8Array>;
}

/** Where the last whole bundle waits while the new one takes its place, and where the new one is made. */
const previous = (folder: string) => join(dirname(folder), `.${basename(folder)}.previous`);
const partial = (folder: string) => join(dirname(folder), `.${basename(folder)}.partial`);

/**
 * Opens `models/<name>`. If a writer was stopped between its two renames, the bundle it had moved
 * aside is moved back first.
 */
export async function openFolder(folder: string): Promise<Bundle> {
  const root = resolve(folder);
  if (!(await exists(join(root, 'manifest.json'))) && (await exists(join(previous(root), 'manifest.json')))) {
    await rm(root, { recursive: true, force: true });
    await rename(previous(root), root);
  }
  try {
    return await openBundle(async (name) => {
      try {
        return await readFile(join(root, name));
      } catch (error) {
        throw new BundleError(
          `${name} is missing or cannot be read (${(error as NodeJS.ErrnoException).code})`,
        );
      }
    });
  } catch (error) {
    if (error instanceof BundleError) throw new BundleError(`${folder}: ${error.message}`);
    throw error;
  }
}

/** Opens a folder and reads every file once, so that a damaged one is known before it is used. */
export async function verifyFolder(folder: string): Promise<Bundle> {
  const bundle = await openFolder(folder);
  for (const { name } of bundle.manifest.files) {
    try {
      await bundle.file(name);
    } catch (error) {
      if (error instanceof BundleError && !error.message.startsWith(folder)) {
        throw new BundleError(`${folder}: ${error.message}`);
      }
      throw error;
    }
  }
  return bundle;
}

/**
 * Writes a bundle atomically: everything goes to a temporary folder beside the target and is synced,
 * then two renames put it in place. Whatever stops it, the folder holds the old bundle or the new one.
 */
export async function writeFolder(folder: string, contents: BundleContents): Promise<Manifest> {
  const root = resolve(folder);
  const entries = [];
  for (const [name, bytes] of [...contents.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    entries.push({ name, bytes: bytes.length, sha256: await sha256Hex(bytes) });
  }
  const identity = { ...contents.manifest, files: entries };
  const manifest: Manifest = { ...identity, model_id: await modelId(identity) };
  const temporary = partial(root);
  try {
    await makeWritable(folder);
    for (const [name, bytes] of contents.files) await writeSynced(join(temporary, name), bytes);
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    await writeSynced(join(temporary, 'manifest.json'), new TextEncoder().encode(text));
    await verifyFolder(temporary);
    await rm(previous(root), { recursive: true, force: true });
    if (await exists(root)) await rename(root, previous(root));
    await rename(temporary, root);
    await rm(previous(root), { recursive: true, force: true });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw unwritable(folder, error);
  }
  return manifest;
}

/**
 * Makes an empty temporary folder beside the target: what a stopped writer left is removed, and a place
 * that cannot be written is known before long work begins.
 */
export async function makeWritable(folder: string): Promise<void> {
  const temporary = partial(resolve(folder));
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** A file system's error as a sentence; any other error as it is. */
function unwritable(folder: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (!code) return error;
  const why = code === 'ENOSPC' ? 'the disk is full' : `it cannot be written (${code})`;
  return new BundleError(`${folder}: ${why}; the bundle was not written`);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'wx');
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

const exists = (path: string): Promise<boolean> =>
  open(path).then(
    (handle) => handle.close().then(() => true),
    () => false,
  );

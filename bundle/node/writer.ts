import { rmSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BundleError } from '../error.ts';
import { type Manifest, ManifestSchema, modelId, sha256Hex } from '../manifest.ts';
import { reason } from '../system.ts';
import { besides, isTaken, lockHolder, recover, verifyFolder } from './folder.ts';

/** A bundle's contents before it is written: the manifest without what follows from the files. */
export interface BundleContents {
  manifest: Omit<Manifest, 'model_id' | 'files'>;
  files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Writes a bundle atomically: everything goes to a temporary folder beside the target, is synced and
 * checked, then two renames put it in place. Whatever stops it, a reader finds the old bundle or the new
 * one, whole. From `open` to `close` a lock file keeps other writers away.
 */
export class BundleWriter {
  readonly #folder: string;
  readonly #close = () => this.close();

  private constructor(folder: string) {
    this.#folder = folder;
    process.once('exit', this.#close);
  }

  /**
   * Makes ready to write, before the long work begins. Throws a {@link BundleError} if the folder holds
   * something else than a bundle, is being written by another process, or cannot be written.
   */
  static async open(folder: string): Promise<BundleWriter> {
    const { root, partial, lock } = besides(folder);
    const name = ManifestSchema.shape.name.safeParse(basename(root));
    if (!name.success) {
      throw new BundleError(`${folder}: a bundle's name has letters, digits, '.', '_' and '-' only`);
    }
    await recover(folder);
    if ((await isTaken(folder)) && !(await isBundle(root))) {
      throw new BundleError(
        `${folder} is there and is no bundle: it is not overwritten; choose another folder`,
      );
    }
    try {
      await mkdir(dirname(root), { recursive: true });
      await takeLock(folder, lock);
      const writer = new BundleWriter(folder);
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial);
      return writer;
    } catch (error) {
      throw unwritable(folder, error);
    }
  }

  /** Puts the bundle in place and returns its manifest, with the ids and sizes of what was written. */
  async write(contents: BundleContents): Promise<Manifest> {
    const { root, partial, previous } = besides(this.#folder);
    const files = [];
    for (const [name, bytes] of [...contents.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      files.push({ name, bytes: bytes.length, sha256: await sha256Hex(bytes) });
    }
    const identity = { ...contents.manifest, files };
    const manifest: Manifest = { ...identity, model_id: await modelId(identity) };
    try {
      for (const [name, bytes] of contents.files) await writeSynced(join(partial, name), bytes);
      const text = `${JSON.stringify(manifest, null, 2)}\n`;
      await writeSynced(join(partial, 'manifest.json'), new TextEncoder().encode(text));
      await verifyFolder(partial);
      await rm(previous, { recursive: true, force: true });
      await rename(root, previous).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await rename(partial, root);
      await rm(previous, { recursive: true, force: true });
    } catch (error) {
      await recover(this.#folder);
      throw unwritable(this.#folder, error);
    }
    return manifest;
  }

  /** Takes away the lock and what is half written. Also done when the process exits. */
  close(): void {
    const { partial, lock } = besides(this.#folder);
    process.off('exit', this.#close);
    rmSync(partial, { recursive: true, force: true });
    rmSync(lock, { force: true });
  }
}

/** Writes a bundle whose contents are at hand. */
export async function writeFolder(folder: string, contents: BundleContents): Promise<Manifest> {
  const writer = await BundleWriter.open(folder);
  try {
    return await writer.write(contents);
  } finally {
    writer.close();
  }
}

/** Whether a folder holds a bundle, be it a damaged one. */
async function isBundle(root: string): Promise<boolean> {
  const manifest = await readFile(join(root, 'manifest.json'), 'utf8').catch(() => '');
  return manifest.includes('"offmanifold-bundle"');
}

async function takeLock(folder: string, lock: string): Promise<void> {
  const other = await lockHolder(lock);
  if (other !== undefined) throw new BundleError(`${folder} is being written by process ${other}`);
  await rm(lock, { force: true });
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
  } catch (error) {
    // On a full disk an empty file is made all the same.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await rm(lock, { force: true });
    throw error;
  }
}

/** A file system's error as a sentence; any other error as it is. */
function unwritable(folder: string, error: unknown): unknown {
  if (!(error as NodeJS.ErrnoException).code) return error;
  return new BundleError(`${folder} cannot be written: ${reason(error)}; what was there is as it was`);
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

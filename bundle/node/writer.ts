import { rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BundleError } from '../error.ts';
import { FORMAT, MAP_FORMAT, modelId, sha256Hex } from '../integrity.ts';
import { type Manifest, ManifestSchema } from '../manifest.ts';
import type { AnyManifest, MapManifest } from '../map-bundle.ts';
import { reason } from '../system-error.ts';
import { syncFolder, writeSynced } from './atomic.ts';
import { readFormat } from './find.ts';
import { bundlePaths, isTaken, recover, verifyAnyFolder } from './folder.ts';
import { Lock } from './lock.ts';

/** What goes into a bundle: the manifest without the parts that are computed from the files. */
export interface BundleContents<M extends AnyManifest = Manifest> {
  manifest: Omit<M, 'model_id' | 'files'>;
  files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Writes a bundle atomically: all files go to a temporary folder next to the target, which is flushed and checked,
 * then two renames put it in place. Whatever stops the writer, a reader finds the old bundle or the new one, complete.
 * The writer holds a lock from `open` until it is closed or disposed of, so that there is one writer at a time.
 */
export class BundleWriter implements Disposable {
  readonly #folder: string;
  readonly #lock: Lock;
  readonly #close = () => this.close();

  private constructor(folder: string, lock: Lock) {
    this.#folder = folder;
    this.#lock = lock;
    // Before the lock is released, which also happens then.
    process.prependOnceListener('exit', this.#close);
  }

  /**
   * Prepares to write, before the long work begins: a bundle, or a map without a model. Throws a {@link BundleError} if the
   * folder holds something else or cannot be written, and a LockError if another process is writing it.
   */
  static async open(folder: string, format: AnyManifest['format'] = FORMAT): Promise<BundleWriter> {
    const { root, partial, lock } = bundlePaths(folder);
    const name = ManifestSchema.shape.name.safeParse(basename(root));
    if (!name.success) {
      throw new BundleError(`${folder}: a bundle's name has letters, digits, '.', '_' and '-' only`);
    }
    await recover(folder);
    const found = readFormat(root);
    if (found !== format && (await isTaken(folder))) {
      const held =
        found === MAP_FORMAT
          ? 'holds a map without a model'
          : found === FORMAT
            ? 'holds a model'
            : `exists and is not ${format === MAP_FORMAT ? 'a map' : 'a bundle'}`;
      throw new BundleError(`${folder} ${held}: it is not overwritten; choose another folder with --out`);
    }
    let writer: BundleWriter | undefined;
    try {
      await mkdir(dirname(root), { recursive: true });
      writer = new BundleWriter(folder, await Lock.take(lock, { busy: `${folder} is being written` }));
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial);
      return writer;
    } catch (error) {
      writer?.close();
      throw unwritable(folder, error, '');
    }
  }

  /** Puts the bundle in place and returns its manifest, with the ids and sizes of what was written. */
  write(contents: BundleContents): Promise<Manifest>;
  write(contents: BundleContents<MapManifest>): Promise<MapManifest>;
  async write(contents: BundleContents | BundleContents<MapManifest>): Promise<AnyManifest> {
    const { root, partial, previous } = bundlePaths(this.#folder);
    const files = [];
    for (const [name, bytes] of [...contents.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      files.push({ name, bytes: bytes.length, sha256: await sha256Hex(bytes) });
    }
    const identity = { ...contents.manifest, files };
    const manifest = { ...identity, model_id: await modelId(identity) };
    try {
      for (const [name, bytes] of contents.files) await writeSynced(join(partial, name), bytes);
      await writeSynced(join(partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      await syncFolder(partial);
      await verifyAnyFolder(partial);
      await rm(previous, { recursive: true, force: true });
      await rename(root, previous).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
      await rename(partial, root);
      await syncFolder(dirname(root));
      await rm(previous, { recursive: true, force: true });
    } catch (error) {
      await recover(this.#folder);
      throw unwritable(this.#folder, error, '; what was there is unchanged');
    }
    return manifest;
  }

  /** Deletes what is not finished and releases the lock. Also done when the process exits. */
  close(): void {
    process.off('exit', this.#close);
    if (this.#lock.isHeld()) rmSync(bundlePaths(this.#folder).partial, { recursive: true, force: true });
    this.#lock.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Writes a bundle whose contents are complete. */
export async function writeFolder(folder: string, contents: BundleContents): Promise<Manifest> {
  using writer = await BundleWriter.open(folder);
  return await writer.write(contents);
}

/** A system error as a sentence that ends with `state`; any other error as it is. */
function unwritable(folder: string, error: unknown, state: string): unknown {
  if (!(error as NodeJS.ErrnoException).code) return error;
  // What is made are folders: of one that exists already, a file has the name.
  const why =
    (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'a part of its path is a file' : reason(error);
  return new BundleError(`${folder} cannot be written: ${why}${state}`, {
    cause: error,
  });
}

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../error.ts';
import { writingReason } from '../system-error.ts';
import { isRunning } from './process.ts';

/** A file that could not be written. The message says why, and that an older file is unchanged. */
export class WriteError extends UserError {
  override readonly name = 'WriteError';
}

/** How a file takes its name. */
export interface CommitOptions {
  /** Fail with the system's EEXIST if there is a file of that name by now, rather than replace it. */
  exclusive?: boolean;
}

/**
 * A file that appears whole or not at all: it is written at {@link temporary}, a random name in the target's folder,
 * and `commit` renames it. Dispose of it on every path; what is not committed by then is deleted. So it is if the
 * process exits.
 */
export class AtomicFile implements Disposable {
  /** Where to write the contents. The file is there already, and empty. */
  readonly temporary: string;
  readonly #target: string;
  readonly #shown: string;
  readonly #abort = () => this.abort();

  /** Throws a {@link WriteError} if the target's folder takes no new file. */
  constructor(target: string) {
    this.#shown = target;
    this.#target = followLinks(resolve(target));
    deleteAbandoned(this.#target);
    this.temporary = temporaryName(this.#target);
    try {
      closeSync(openSync(this.temporary, 'wx'));
    } catch (error) {
      throw this.explain(error);
    }
    process.once('exit', this.#abort);
  }

  /** Flushes the contents to the disk and gives the file its name. Throws a {@link WriteError}. */
  async commit({ exclusive }: CommitOptions = {}): Promise<void> {
    try {
      await syncFile(this.temporary);
      publish(this.temporary, this.#target, exclusive);
      await syncFolder(dirname(this.#target));
    } catch (error) {
      this.abort();
      throw this.explain(error);
    }
    process.off('exit', this.#abort);
  }

  /** {@link commit}, for code that cannot wait. */
  commitSync({ exclusive }: CommitOptions = {}): void {
    try {
      syncNow(this.temporary, 'r+');
      publish(this.temporary, this.#target, exclusive);
      syncNow(dirname(this.#target), 'r');
    } catch (error) {
      this.abort();
      throw this.explain(error);
    }
    process.off('exit', this.#abort);
  }

  /** Deletes what was written. Does nothing after a commit. */
  abort(): void {
    process.off('exit', this.#abort);
    rmSync(this.temporary, { force: true });
  }

  [Symbol.dispose](): void {
    this.abort();
  }

  /** A system error as a {@link WriteError}; any other error as it is. */
  explain(error: unknown): unknown {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof UserError) return error;
    const kept = existsSync(this.#target) ? '; the older file is unchanged' : '';
    return new WriteError(`${this.#shown} cannot be written: ${writingReason(error, this.#shown)}${kept}`, {
      cause: error,
    });
  }
}

/** Writes a file that appears whole or not at all. Throws a {@link WriteError}. */
export async function writeFileAtomic(
  path: string,
  contents: string | Uint8Array,
  options: CommitOptions = {},
): Promise<void> {
  using file = new AtomicFile(path);
  try {
    // Not to be created again if it is deleted meanwhile, at the end of the process.
    await using handle = await open(file.temporary, 'r+');
    await handle.writeFile(contents);
  } catch (error) {
    throw file.explain(error);
  }
  await file.commit(options);
}

/** {@link writeFileAtomic}, for code that cannot wait; the contents come in parts. */
export function writeFileAtomicSync(
  path: string,
  parts: Iterable<Uint8Array>,
  options: CommitOptions = {},
): void {
  using file = new AtomicFile(path);
  try {
    const handle = openSync(file.temporary, 'w');
    try {
      for (const part of parts) writeAll(handle, part);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw file.explain(error);
  }
  file.commitSync(options);
}

/** Writes a new file and flushes it to the disk. */
export async function writeSynced(path: string, contents: string | Uint8Array): Promise<void> {
  await using handle = await open(path, 'wx');
  await handle.writeFile(contents);
  await handle.sync();
}

async function syncFile(path: string): Promise<void> {
  await using handle = await open(path, 'r+');
  await handle.sync();
}

/** Flushes the names in a folder to the disk, so that a new one survives a power failure. */
export async function syncFolder(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync().catch(ignoreUnsupported);
}

/** Both of the above at once; a folder is opened with `r`, a file with `r+`. */
function syncNow(path: string, flags: 'r' | 'r+'): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } catch (error) {
    if (flags === 'r+') throw error;
    ignoreUnsupported(error);
  } finally {
    closeSync(handle);
  }
}

/** Not every system can flush a folder. */
function ignoreUnsupported(error: unknown): void {
  if (!['EINVAL', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}

/** Gives a file a second name. Throws EEXIST if the name is taken: of several callers, one succeeds. */
export function linkExclusive(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    // exFAT and some network file systems have no links.
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

function publish(from: string, to: string, exclusive = false): void {
  if (exclusive) {
    linkExclusive(from, to);
    rmSync(from);
  } else {
    renameSync(from, to);
  }
}

/** Where a link leads, so that it stays a link; a path with nothing there as it is. */
function followLinks(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

/** A name in the target's folder that nobody can guess; it names this process, for {@link deleteAbandoned}. */
const temporaryName = (target: string): string =>
  join(dirname(target), `.${basename(target)}.${process.pid}-${randomBytes(8).toString('hex')}.partial`);

/** A killed process leaves its temporary file; one that was written to within this time may be another machine's. */
const ABANDONED_MS = 10 * 60_000;

/** Deletes the temporary files of this target whose process was killed. */
function deleteAbandoned(target: string): void {
  const folder = dirname(target);
  const start = `.${basename(target)}.`;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.startsWith(start)) continue;
    const [, pid] = /^(\d+)-[0-9a-f]{16}\.partial$/.exec(name.slice(start.length)) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(folder, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Number.POSITIVE_INFINITY };
    if (Date.now() - mtimeMs > ABANDONED_MS) rmSync(path, { force: true });
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lock, LockError } from '../../bundle/node/lock.ts';
import { hashContents } from '../../training/commands/fingerprint.ts';

/** States of the sources that are kept, so that changing between branches trains nothing. */
const KEPT = 4;

/** A hash of files and folders, and of the runtime: 16 hexadecimal digits. */
export function cacheKey(root: string, sources: readonly string[], excluded: readonly string[]): string {
  const runtime = `${process.version} ${process.platform} ${process.arch}`;
  const contents = hashContents(root, sources, excluded);
  return createHash('sha256').update(`${runtime} ${contents}`).digest('hex').slice(0, 16);
}

/**
 * Fills a folder once: `make` gets a temporary folder beside it, which is renamed when everything is in it. Other
 * processes that want the same folder wait for the one that makes it. Older folders beside it are removed.
 */
export async function makeOnce(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const lock = `${folder}.lock`;
  while (!existsSync(folder)) {
    try {
      using _held = await Lock.take(lock, { busy: `${folder} is being made` });
      if (!existsSync(folder)) await makeAtomically(folder, make);
    } catch (error) {
      if (!(error instanceof LockError)) throw error;
      await sleep(200);
    }
  }
  const now = new Date();
  await utimes(folder, now, now);
  await removeOldest(parent, basename(folder));
}

async function makeAtomically(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  const part = await mkdtemp(`${folder}.part-`);
  try {
    await make(part);
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Removes all cached folders but the ones used last. */
async function removeOldest(parent: string, current: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== current);
  const folders = await Promise.all(
    names.map(async (name) => {
      const path = join(parent, name);
      return { path, used: (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs };
    }),
  );
  folders.sort((a, b) => b.used - a.used);
  for (const { path } of folders.slice(KEPT - 1)) await rm(path, { recursive: true, force: true });
}

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { UserError } from '../error.ts';
import { linkExclusive } from './atomic.ts';
import { isRunning, processState } from './process.ts';

const HolderSchema = z.object({
  /** Random: which of two holders in one process it is, too. */
  token: z.string().regex(/^[0-9a-f]{16}$/),
  host: z.string(),
  pid: z.int().positive(),
  /** When the process started, see `ProcessState`; null if the system does not tell. */
  started: z.string().nullable(),
  /** When it took the lock: ISO 8601, UTC. */
  since: z.iso.datetime(),
});

/** Who holds a lock: what its file says. */
export type LockHolder = Readonly<z.infer<typeof HolderSchema>>;

/** Another process holds the lock. The message says which, since when, and what to do. */
export class LockError extends UserError {
  override readonly name = 'LockError';
  readonly holder: LockHolder;

  constructor(message: string, holder: LockHolder) {
    super(message);
    this.holder = holder;
  }
}

/** What a {@link LockError} says. */
export interface LockPurpose {
  /** What the holder does, up to "by process 12": `models/mnist is being written`. */
  readonly busy: string;
  /** What to do while it runs, if anything: `stop it first`. */
  readonly advice?: string;
}

/**
 * A lock file that names the process that holds it. Of several processes that ask at the same time, one gets it. A
 * lock whose process has ended is taken over; a lock that another machine holds never is, since nobody here can tell
 * whether its process runs. Held until it is released or disposed of, or the process exits.
 *
 * A lock file appears complete, by a link to a finished file. To take over the lock of a dead process with token T, a
 * process takes another lock first, `FILE.T`, in the same way. Only the holder of `FILE.T` may replace a lock file with
 * token T, after it has looked again whether T is still there. No token is used twice, so a process that was slow finds
 * another token there and replaces nothing.
 */
export class Lock implements Disposable {
  readonly path: string;
  readonly token: string;

  private constructor(path: string, token: string) {
    this.path = path;
    this.token = token;
    if (held.size === 0) process.on('exit', releaseAll);
    held.add(this);
  }

  /** Takes the lock. Throws a {@link LockError} if another process holds it, or this one does. */
  static async take(path: string, purpose: LockPurpose): Promise<Lock> {
    const holder = await thisProcess();
    const finished = `${path}.${process.pid}-${holder.token}`;
    try {
      await writeFile(finished, JSON.stringify(holder), { flag: 'wx' });
      const other = await claim(path, finished);
      if (other) throw new LockError(lockMessage(path, other, purpose), other);
    } finally {
      rmSync(finished, { force: true });
    }
    const lock = new Lock(path, holder.token);
    // Files that cannot be deleted now are deleted by whoever takes the lock next.
    await deleteAbandoned(path).catch(() => {});
    return lock;
  }

  /** Whether the lock file is still the one that was taken: a person may have deleted it. */
  isHeld(): boolean {
    return tokenIn(this.path) === this.token;
  }

  /** Gives the lock back. Does nothing if it is no longer held. */
  release(): void {
    if (this.isHeld()) rmSync(this.path, { force: true });
    held.delete(this);
    if (held.size === 0) process.off('exit', releaseAll);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** The process that holds a lock; undefined if it is free or its process has ended. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const found = await readLock(path);
  return found.state === 'held' ? found.holder : undefined;
}

const held = new Set<Lock>();

function releaseAll(): void {
  for (const lock of held) lock.release();
}

/**
 * Links a finished lock file to the path, or renames it to the path in place of a stale lock. Returns the process that
 * was quicker, if one was.
 */
async function claim(path: string, finished: string): Promise<LockHolder | undefined> {
  for (;;) {
    try {
      linkExclusive(finished, path);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = await readLock(path);
    if (found.state === 'held') return found.holder;
    if (found.state === 'free') continue;
    const guard = `${path}.${found.token}`;
    const copy = `${finished}-${found.token}`;
    linkExclusive(finished, copy);
    try {
      const rival = await claim(guard, copy);
      if (rival) return rival;
    } finally {
      rmSync(copy, { force: true });
    }
    try {
      if (tokenIn(path) !== found.token) continue;
      renameSync(finished, path);
      return undefined;
    } finally {
      rmSync(guard, { force: true });
    }
  }
}

type Found = { state: 'free' } | { state: 'held'; holder: LockHolder } | { state: 'stale'; token: string };

async function readLock(path: string): Promise<Found> {
  for (;;) {
    const text = await contents(path);
    if (text === undefined) return { state: 'free' };
    const holder = parse(text);
    if (holder)
      return (await isGone(holder)) ? { state: 'stale', token: holder.token } : { state: 'held', holder };
    await sleep(UNFINISHED_MS);
    if ((await contents(path)) === text) return { state: 'stale', token: tokenOf(text) };
  }
}

/** Where there are no links a lock file is copied to its place, and may be read before it is complete. */
const UNFINISHED_MS = 1000;

async function contents(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): LockHolder | undefined {
  try {
    return HolderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The token of a lock file, for a broken one a digest of what it holds. */
const tokenOf = (text: string): string =>
  parse(text)?.token ?? createHash('sha256').update(text).digest('hex').slice(0, 16);

function tokenIn(path: string): string | undefined {
  try {
    return tokenOf(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the holder's process is known to have ended. */
async function isGone({ host, pid, started }: LockHolder): Promise<boolean> {
  if (host !== hostname()) return false;
  if (!isRunning(pid)) return true;
  const state = await processState(pid);
  return state !== undefined && (state.zombie || (started !== null && state.started !== started));
}

let own: Promise<string | null> | undefined;

async function thisProcess(): Promise<LockHolder> {
  own ??= processState(process.pid).then((state) => state?.started ?? null);
  return {
    token: randomBytes(8).toString('hex'),
    host: hostname(),
    pid: process.pid,
    started: await own,
    since: new Date().toISOString(),
  };
}

/** What a {@link LockError} says: who holds the lock, since when, and what to do. */
export function lockMessage(
  path: string,
  { host, pid, since }: LockHolder,
  { busy, advice }: LockPurpose,
): string {
  const who = `${busy} by process ${pid}`;
  if (host === hostname()) return `${who} since ${since}${advice ? `: ${advice}` : ''}`;
  return `${who} on ${host} since ${since}; if that process no longer runs, delete ${path}`;
}

/** What is younger may belong to a process that asks for the lock right now. */
const ABANDONED_MS = 10 * 60_000;

/** Deletes the files of processes that were killed while they asked for the lock. The caller holds it. */
async function deleteAbandoned(path: string): Promise<void> {
  const start = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(start)) continue;
    const file = join(dirname(path), name);
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs === undefined || Date.now() - mtimeMs < ABANDONED_MS) continue;
    if ((await readLock(file)).state === 'stale') await rm(file, { force: true });
  }
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../bundle/error.ts';
import { groupMembers } from '../../bundle/node/process.ts';

/** A server was killed, and what it started still serves. */
export class OrphanError extends UserError {
  override readonly name = 'OrphanError';
}

/** The name of the program that serves. */
const SERVING = 'workerd';

/** Writes down the process group that a server started. */
export async function recordGroup(path: string, group: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, String(group));
}

/** Forgets the group: all of it has ended. */
export const forgetGroup = (path: string): Promise<void> => rm(path, { force: true });

/** Throws an {@link OrphanError} that names the processes of the recorded group that still serve. */
export async function assertNoOrphan(path: string): Promise<void> {
  const group = Number(await readFile(path, 'utf8').catch(() => ''));
  if (group <= 0) return;
  const members = [...(await groupMembers(group))].filter(([, { name }]) => name.startsWith(SERVING));
  if (members.length === 0) return forgetGroup(path);
  const ids = members.map(([pid]) => pid).join(' ');
  throw new OrphanError(
    `a server of this folder was killed, and its ${SERVING} still runs, process ${ids}: end it with: kill ${ids}`,
  );
}

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';

/** Whether there is a process with this id. It may be a zombie, or a later process with a reused id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // There is one, and it belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** What the system says about a process. */
export interface ProcessState {
  /** The name of its program. */
  readonly name: string;
  /** The process that started it; another one once that has ended. */
  readonly parent: number;
  readonly group: number;
  /** Whether it has ended and is not reaped yet. */
  readonly zombie: boolean;
  /** Differs between two processes that have the same id, one after the other. Only to be compared. */
  readonly started: string;
}

/** The state of a process; undefined if there is none, or if the system does not tell. */
export async function processState(pid: number): Promise<ProcessState | undefined> {
  return process.platform === 'linux' ? linuxState(pid) : psState(pid);
}

async function linuxState(pid: number): Promise<ProcessState | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // See proc_pid_stat(5): the second field, the name in parentheses, may hold spaces and parentheses itself.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const [state, parent, group] = fields;
  const ticks = fields[22 - 3];
  return {
    name: stat.slice(stat.indexOf('(') + 1, end),
    parent: Number(parent),
    group: Number(group),
    zombie: state === 'Z' || state === 'X',
    started: `${ticks}@${bootId()}`,
  };
}

let boot: string | undefined;

/** The start time counts from the boot, so two boots can have the same process id at the same time. */
function bootId(): string {
  try {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    boot = '';
  }
  return boot;
}

async function psState(pid: number): Promise<ProcessState | undefined> {
  const args = ['-o', 'stat=,ppid=,pgid=,lstart=,comm=', '-p', String(pid)];
  const options = { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } };
  const found = await promisify(execFile)('ps', args, options).catch(() => undefined);
  // The start time has five words, such as Sat Nov 28 01:20:00 2026.
  const [, state, parent, group, started, path] =
    /^\s*(\S+)\s+(\d+)\s+(\d+)\s+((?:\S+\s+){4}\S+)\s+(.*\S)\s*$/.exec(found?.stdout ?? '') ?? [];
  if (state === undefined) return undefined;
  return {
    name: basename(path!),
    parent: Number(parent),
    group: Number(group),
    zombie: state.startsWith('Z'),
    started: started!,
  };
}

/** The processes of a group that have not ended, by id. */
export async function groupMembers(group: number): Promise<Map<number, ProcessState>> {
  const members = new Map<number, ProcessState>();
  for (const pid of await processIds()) {
    const state = await processState(pid);
    if (state?.group === group && !state.zombie) members.set(pid, state);
  }
  return members;
}

async function processIds(): Promise<number[]> {
  if (process.platform === 'linux') return (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const listed = await promisify(execFile)('ps', ['-A', '-o', 'pid=']).catch(() => undefined);
  return listed?.stdout.trim().split(/\s+/).map(Number) ?? [];
}

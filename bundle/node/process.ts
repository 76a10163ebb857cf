import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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

/** What the system says about a process: whether it has ended and is not reaped yet, and when it started. */
export interface ProcessState {
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
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const ticks = fields[22 - 3];
  return { zombie: state === 'Z' || state === 'X', started: `${ticks}@${bootId()}` };
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
  const args = ['-o', 'stat=,lstart=', '-p', String(pid)];
  const options = { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } };
  const found = await promisify(execFile)('ps', args, options).catch(() => undefined);
  const [, state, started] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(found?.stdout ?? '') ?? [];
  return state === undefined ? undefined : { zombie: state.startsWith('Z'), started };
}

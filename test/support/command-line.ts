import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './paths.ts';

export type CommandLine = ReturnType<typeof commandLine>;

/** Runs offmanifold in a folder. */
export function commandLine(folder: string) {
  /** Starts a command; `output` is what it has printed so far. */
  function start(...args: string[]) {
    const child = Object.assign(
      spawn(process.execPath, [join(ROOT, 'bin/offmanifold.js'), ...args], { cwd: folder }),
      { output: '', out: '', error: '' },
    );
    child.stdout.on('data', (data) => {
      child.out += data;
      child.output += data;
    });
    child.stderr.on('data', (data) => {
      child.error += data;
      child.output += data;
    });
    return child;
  }

  /** Runs a command to its end. */
  async function run(...args: string[]) {
    const child = start(...args);
    const [code] = (await once(child, 'close')) as [number];
    const { output, out, error } = child;
    return { code, output, out, error };
  }

  return { start, run };
}

/** Waits until a command has printed a text; fails if it ends without. */
export async function printed(child: ReturnType<CommandLine['start']>, text: string): Promise<void> {
  while (!child.output.includes(text)) {
    if (child.exitCode !== null)
      throw new Error(`the command ended without printing "${text}":\n${child.output}`);
    await sleep(5);
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyProject, freePort } from '../test/support/server.ts';
import type { Bench } from './harness.ts';

const LIMIT_MS = 600_000;

/** `npm start` in a copy of the project, from the command to the first answered score: cold, then warm. */
export const bench: Bench = {
  title: 'npm start to the first answered score',
  targets: { first_start_s: { atMost: 240 }, warm_start_s: { atMost: 15 } },
  async run(log) {
    const folder = await copyProject();
    try {
      log('without a bundle');
      const first_start_s = await start(folder, log);
      log('with the bundle there');
      const warm_start_s = await start(folder, log);
      return { first_start_s, warm_start_s };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Seconds from the command to an answered score. */
async function start(folder: string, log: (line: string) => void): Promise<number> {
  const port = await freePort();
  const digit = await readFile(new URL('../docs/digit.png', import.meta.url));
  const began = performance.now();
  const child = spawn('npm', ['start', '--', '--port', String(port)], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (data) => log(String(data).trimEnd()));
  try {
    while (performance.now() - began < LIMIT_MS) {
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/score`, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: digit,
      }).catch(() => undefined);
      if (response?.ok) return (performance.now() - began) / 1000;
      await sleep(100);
    }
    throw new Error(`no answer within ${LIMIT_MS / 1000} s`);
  } finally {
    await end(child);
  }
}

/** Ctrl-C, as the terminal sends it: to the whole process group. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  process.kill(-child.pid!, 'SIGINT');
  await once(child, 'close');
}

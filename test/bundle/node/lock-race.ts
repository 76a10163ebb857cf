import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { lockFile } from './lock-files.ts';

const SCRIPT = fileURLToPath(new URL('./lock-taker.ts', import.meta.url));

/**
 * Has several processes take one lock at the same time, round after round, each with several attempts. In every
 * second round the lock is stale, else it is free. Returns how many attempts succeeded in each round, and what is in
 * the lock's folder after them.
 */
export async function raceForLock(
  folder: string,
  { rounds, processes, attempts }: { rounds: number; processes: number; attempts: number },
): Promise<{ winners: number[]; left: string[] }> {
  const path = `${folder}/lock`;
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const takers = Array.from({ length: processes }, () =>
    fork(SCRIPT, [path, String(attempts)], { execArgv: [] }),
  );
  const winners: number[] = [];
  try {
    await Promise.all(takers.map(answer));
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 0) await writeFile(path, lockFile({ pid: dead }));
      const taken = (await Promise.all(takers.map((taker) => ask(taker, 'take')))).map(Number);
      winners.push(taken.reduce((sum, count) => sum + count, 0));
      const winning = takers.filter((_, i) => taken[i]! > 0);
      await Promise.all(winning.map((taker) => ask(taker, 'release')));
    }
  } finally {
    for (const taker of takers) taker.kill();
  }
  return { winners, left: await readdir(folder) };
}

function ask(taker: ChildProcess, message: string): Promise<unknown> {
  taker.send(message);
  return answer(taker);
}

/** The next message of a process. */
function answer(taker: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (code: number | null) => reject(new Error(`a process ended with exit code ${code}`));
    taker.once('exit', failed);
    taker.once('message', (message) => {
      taker.off('exit', failed);
      resolve(message);
    });
  });
}

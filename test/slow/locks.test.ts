import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Lock } from '../../bundle/node/lock.ts';
import { Random } from '../../kernels/random.ts';
import { raceForLock } from '../bundle/node/lock-race.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-locks-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('in 3,000 rounds, exactly one of 16 attempts gets the lock', async () => {
  const { winners, left } = await raceForLock(folder, { rounds: 3000, processes: 4, attempts: 4 });
  expect(winners.filter((count) => count !== 1)).toEqual([]);
  expect(left).toEqual([]);
});

test('processes that are killed at any moment never leave a lock that cannot be taken', async () => {
  const script = fileURLToPath(new URL('../bundle/node/lock-taker.ts', import.meta.url));
  const path = join(folder, 'lock');
  const random = new Random(7);
  for (let round = 0; round < 20; round++) {
    const takers = Array.from({ length: 3 }, () => fork(script, [path, '8'], { execArgv: [] }));
    await Promise.all(takers.map((taker) => once(taker, 'message')));
    const killed = async (taker: ChildProcess) => {
      taker.send('take');
      await sleep(8 * random.uniform());
      taker.kill('SIGKILL');
      await once(taker, 'exit');
    };
    await Promise.all(takers.map(killed));
    using lock = await Lock.take(path, { busy: 'the lock is held' });
    expect(lock.isHeld()).toBe(true);
  }
});

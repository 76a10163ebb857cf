import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Lock, LockError, lockHolder } from '../../../bundle/node/lock.ts';
import { processState } from '../../../bundle/node/process.ts';
import { lockFile } from './lock-files.ts';
import { raceForLock } from './lock-race.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true }));

const take = () => Lock.take(path, { busy: 'models/a is being written', advice: 'stop it first' });

test('a lock is held by one at a time, says by whom, and leaves nothing behind', async () => {
  const lock = await take();
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  const error = await take().catch((reason) => reason);
  expect(error).toBeInstanceOf(LockError);
  expect(error.message).toMatch(
    new RegExp(`^models/a is being written by process ${process.pid} since 20\\d\\d-\\S+Z: stop it first$`),
  );
  expect(error.holder.token).toBe(lock.token);
  expect(await readdir(folder)).toEqual(['lock']);
  lock.release();
  expect(await readdir(folder)).toEqual([]);
  {
    using _again = await take();
    expect((await lockHolder(path))?.pid).toBe(process.pid);
  }
  expect(await lockHolder(path)).toBeUndefined();
});

test('of many that ask at the same time, exactly one gets it, whether it is free or stale', async () => {
  const { winners, left } = await raceForLock(folder, { rounds: 200, processes: 3, attempts: 2 });
  expect(winners).toEqual(Array(200).fill(1));
  expect(left).toEqual([]);
}, 20_000);

describe('a lock is taken over if', () => {
  test('its process has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await writeFile(path, lockFile({ pid }));
    expect(await lockHolder(path)).toBeUndefined();
    using lock = await take();
    expect(lock.isHeld()).toBe(true);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  test('its process id has another process now', async () => {
    await writeFile(path, lockFile({ pid: process.pid }));
    using lock = await take();
    expect(lock.isHeld()).toBe(true);
  });

  test.runIf(process.platform === 'linux')('its process was killed and is not reaped yet', async () => {
    const { parent, zombie } = await zombieProcess();
    try {
      const state = await processState(zombie);
      expect(state?.zombie).toBe(true);
      await writeFile(path, lockFile({ pid: zombie, started: state!.started }));
      using lock = await take();
      expect(lock.isHeld()).toBe(true);
    } finally {
      parent.kill();
    }
  });

  // A file that is being written looks the same: each is waited for, at the same time.
  test('its file is empty, cut off or something else', async () => {
    const texts = { empty: '', cut: lockFile().slice(0, 40), other: '[1, 2]' };
    await Promise.all(
      Object.entries(texts).map(async ([name, text]) => {
        const own = join(folder, name);
        await writeFile(own, text);
        using lock = await Lock.take(own, { busy: '' });
        expect(lock.isHeld()).toBe(true);
      }),
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test('a process that was taking it over was killed too', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const [stale, guard] = ['a'.repeat(16), 'b'.repeat(16)];
    await writeFile(path, lockFile({ pid, token: stale }));
    await writeFile(`${path}.${stale}`, lockFile({ pid, token: guard }));
    await writeFile(`${path}.${stale}.${guard}`, '');
    using lock = await take();
    expect(lock.isHeld()).toBe(true);
    expect(await readdir(folder)).toEqual(['lock']);
  });
});

test('a lock file that is not complete yet is not taken for a broken one', async () => {
  const text = lockFile({ started: (await processState(process.pid))!.started });
  await writeFile(path, text.slice(0, 30));
  const asked = take();
  await sleep(100);
  await writeFile(path, text);
  await expect(asked).rejects.toThrow(LockError);
});

test('the lock of another machine is not taken: the message says which file to delete', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  await writeFile(path, lockFile({ pid, host: 'node-7' }));
  await expect(take()).rejects.toThrow(
    `models/a is being written by process ${pid} on node-7 since 2026-01-02T03:04:05.678Z; ` +
      `if that process no longer runs, delete ${path}`,
  );
  expect(await readdir(folder)).toEqual(['lock']);
});

test('only the one that holds a lock releases it', async () => {
  const first = await take();
  await rm(path);
  const second = await take();
  first.release();
  expect(second.isHeld()).toBe(true);
  second.release();
  expect(await readdir(folder)).toEqual([]);
});

test('the end of the process releases its locks', async () => {
  const module = new URL('../../../bundle/node/lock.ts', import.meta.url);
  const script = `import { Lock } from ${JSON.stringify(module.href)};
    await Lock.take(${JSON.stringify(path)}, { busy: '' });
    process.exit(3);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  expect(status).toBe(3);
  expect(await readdir(folder)).toEqual([]);
});

/** A process that has ended and that its parent does not wait for. */
async function zombieProcess(): Promise<{ parent: ChildProcess; zombie: number }> {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [text] = await once(parent.stdout!, 'data');
  const zombie = Number(String(text));
  while (!(await processState(zombie))?.zombie) await sleep(5);
  return { parent, zombie };
}

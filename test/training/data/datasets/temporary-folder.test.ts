import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, vi } from 'vitest';
import { TemporaryFolder } from '../../../../training/data/datasets/temporary-folder.ts';
import { openSource } from '../../../../training/data/source.ts';
import { lines, written } from '../tables/tables.ts';
import { test } from '../temporary.ts';

const run = promisify(execFile);

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a temporary folder has a name of its own, and is removed with all in it', async ({ folder }) => {
  vi.stubEnv('TMPDIR', folder);
  {
    await using one = await TemporaryFolder.create('prefix-');
    await using other = await TemporaryFolder.create('prefix-');
    await writeFile(join(one.path, 'a'), 'text');
    expect(other.path).not.toBe(one.path);
    expect((await readdir(folder)).every((name) => /^prefix-\w{6}$/.test(name))).toBe(true);
  }
  expect(await readdir(folder)).toEqual([]);
});

test('a temporary folder is removed when the process exits', async ({ folder }) => {
  const script = `
    const { TemporaryFolder } = await import(${JSON.stringify(resolve('training/data/datasets/temporary-folder.ts'))});
    await TemporaryFolder.create('a-');
    const { path } = await TemporaryFolder.create('b-');
    console.log(path);
    process.exit(3);`;
  const env = { ...process.env, TMPDIR: folder };
  const failed = await run(process.execPath, ['--input-type=module', '-e', script], { env }).catch((e) => e);
  expect(failed.code).toBe(3);
  expect(failed.stdout).toContain(join(folder, 'b-'));
  expect(await readdir(folder)).toEqual([]);
});

test('a table that is read, or cannot be, leaves no temporary files', async ({ folder }) => {
  const good = await written(
    folder,
    'good.csv',
    lines('x,y', 300, (i) => `${i},${i % 17}`),
  );
  const bad = await written(
    folder,
    'bad.csv',
    lines('x,c', 300, (i) => `${i},${i < 299 ? '' : 'a'}`),
  );
  vi.stubEnv('TMPDIR', folder);
  const temporary = async () => (await readdir(folder)).filter((name) => name.startsWith('offmanifold-'));
  const source = await openSource(good, {}, { memoryLimit: 1 });
  expect((await temporary()).map((name) => name.slice(0, 18))).toEqual(['offmanifold-table-']);
  await source.close();
  await source.close();
  expect(await temporary()).toEqual([]);
  await expect(openSource(bad, { types: { c: 'date' } }, { memoryLimit: 1 })).rejects.toThrow(
    'expected a date',
  );
  await expect(openSource(good, { test: 300 }, { memoryLimit: 1 })).rejects.toThrow('leave none to train on');
  await expect(openSource(good, { validation: 10 }, { memoryLimit: 1, diskMemory: 1 })).rejects.toThrow(
    '1 bytes of memory are too few',
  );
  expect(await temporary()).toEqual([]);
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AtomicFile, WriteError, writeFileAtomic, writeFileAtomicSync } from '../../../bundle/node/atomic.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-atomic-'));
  path = join(folder, 'a.json');
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const writers: Record<string, (target: string, text: string, exclusive?: boolean) => Promise<void>> = {
  writeFileAtomic: (target, text, exclusive) => writeFileAtomic(target, text, { exclusive }),
  writeFileAtomicSync: async (target, text, exclusive) =>
    writeFileAtomicSync(target, [bytes(text.slice(0, 3)), bytes(text.slice(3))], { exclusive }),
};

describe.each(Object.entries(writers))('%s', (_name, write) => {
  test('writes a new file, replaces an older one, and leaves nothing else', async () => {
    await write(path, 'the first');
    expect(await readFile(path, 'utf8')).toBe('the first');
    await write(path, 'the second');
    expect(await readFile(path, 'utf8')).toBe('the second');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('writes through a link to the file that it leads to', async () => {
    const real = join(folder, 'real', 'b.json');
    await mkdir(join(folder, 'real'));
    await write(real, 'the first');
    await symlink(join('real', 'b.json'), path);
    await write(path, 'the second');
    expect(await readFile(real, 'utf8')).toBe('the second');
    expect(await readlink(path)).toBe(join('real', 'b.json'));
    expect(await readdir(join(folder, 'real'))).toEqual(['b.json']);
    await expect(write(path, 'the third', true)).rejects.toThrow('it already exists');
  });

  test('does not replace a file that must be new', async () => {
    await write(path, 'the first', true);
    const error = await write(path, 'the second', true).catch((reason) => reason);
    expect(error).toBeInstanceOf(WriteError);
    expect(error.message).toBe(`${path} cannot be written: it already exists; the older file is unchanged`);
    expect(error.cause.code).toBe('EEXIST');
    expect(await readFile(path, 'utf8')).toBe('the first');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('says what cannot be written and why, and leaves nothing', async () => {
    await expect(write(join(folder, 'none', 'a.json'), '')).rejects.toThrow(
      /none\/a\.json cannot be written: the folder .*none does not exist$/,
    );
    await mkdir(path);
    await writeFile(join(path, 'inside'), '');
    await expect(write(path, 'text')).rejects.toThrow(`${path} cannot be written: it is a folder`);
    expect(await readdir(folder)).toEqual(['a.json']);
  });
});

test('a file that is too large for the system leaves the older one and nothing else', () => {
  const module = new URL('../../../bundle/node/atomic.ts', import.meta.url);
  const script = `import { writeFileAtomic } from ${JSON.stringify(module.href)};
    process.on('SIGXFSZ', () => {});
    await writeFileAtomic(${JSON.stringify(path)}, 'short');
    await writeFileAtomic(${JSON.stringify(path)}, 'x'.repeat(1e6)).catch((error) => console.log(error.message));`;
  const command = `ulimit -f 100; exec "$0" --input-type=module -e "$1"`;
  const { stdout } = spawnSync('bash', ['-c', command, process.execPath, script], { encoding: 'utf8' });
  expect(stdout).toBe(
    `${path} cannot be written: it exceeds the size limit for files; the older file is unchanged\n`,
  );
  return expect(Promise.all([readdir(folder), readFile(path, 'utf8')])).resolves.toEqual([
    ['a.json'],
    'short',
  ]);
});

test('what is not committed is deleted when the file is disposed of', async () => {
  await writeFile(path, 'older');
  {
    using file = new AtomicFile(path);
    await writeFile(file.temporary, 'half');
    expect(await readdir(folder)).toHaveLength(2);
  }
  expect(await readdir(folder)).toEqual(['a.json']);
  expect(await readFile(path, 'utf8')).toBe('older');
});

/** A process that begins to write the file and goes on for ever. */
async function startWriter(): Promise<ChildProcess> {
  const module = new URL('../../../bundle/node/atomic.ts', import.meta.url);
  const script = `import { AtomicFile } from ${JSON.stringify(module.href)};
    new AtomicFile(${JSON.stringify(path)});
    process.on('SIGTERM', () => process.exit(3));
    setInterval(() => {}, 1000);
    console.log('begun');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

test('what a process does not commit is deleted when it exits', async () => {
  const child = await startWriter();
  expect(await readdir(folder)).toHaveLength(1);
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(3);
  expect(await readdir(folder)).toEqual([]);
});

test('what a killed process leaves is deleted later, what a running one writes is not', async () => {
  const [killed, running] = [await startWriter(), await startWriter()];
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const left = await readdir(folder);
  expect(left).toHaveLength(2);
  await writeFileAtomic(path, 'new');
  expect(await readdir(folder)).toHaveLength(3);
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of left) await utimes(join(folder, name), longAgo, longAgo);
  await writeFileAtomic(path, 'newer');
  expect((await readdir(folder)).filter((name) => name !== 'a.json')).toEqual([
    expect.stringContaining(`.a.json.${running.pid}-`),
  ]);
  running.kill();
  await once(running, 'exit');
});

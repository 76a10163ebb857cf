import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { DataError } from '../../../../training/data/datasets/error.ts';
import { type InputOptions, withInput } from '../../../../training/data/input/standard-input.ts';

/** The name and the content of the file that stands for standard input, and its folder, which must be gone. */
async function spool(text: string, options: InputOptions = {}) {
  const stdin = Readable.from([...text].map((character) => Buffer.from(character)));
  let folder = '';
  const found = await withInput('-', { stdin, ...options }, async (path) => {
    folder = dirname(path);
    return { name: basename(path), text: await readFile(path, 'utf8') };
  });
  expect(await readdir(tmpdir())).not.toContain(basename(folder));
  return found;
}

test('a file is used as it is', async () => {
  expect(await withInput('rows.csv', {}, async (path) => path)).toBe('rows.csv');
});

test('the format of standard input is detected from its first character, unless it is given', async () => {
  for (const [text, name] of [
    ['a,b\n1,2\n', 'input.csv'],
    ['\n  {"a":1}\n', 'input.ndjson'],
    ['\uFEFF[{"a":1}]', 'input.json'],
    ['', 'input.csv'],
  ] as const) {
    expect(await spool(text)).toEqual({ name, text });
  }
  expect((await spool('a\tb\n', { format: 'tsv' })).name).toBe('input.tsv');
});

test('the file is removed after an error, which speaks of standard input', async () => {
  let folder = '';
  const failing = withInput('-', { stdin: Readable.from([Buffer.from('a\n1\n')]) }, async (path) => {
    folder = dirname(path);
    throw new DataError(`${path}: row 1 is wrong`);
  });
  await expect(failing).rejects.toThrow(new DataError('standard input: row 1 is wrong'));
  expect(await readdir(tmpdir())).not.toContain(basename(folder));
});

test('a stream that breaks off leaves nothing, and is an error', async () => {
  async function* broken() {
    yield Buffer.from('a,b\n');
    throw new Error('the pipe broke');
  }
  const before = await readdir(tmpdir());
  const failing = withInput('-', { stdin: Readable.from(broken()) }, async () => 1);
  await expect(failing).rejects.toThrow(/^standard input cannot be stored in .*: the pipe broke$/);
  const left = (await readdir(tmpdir())).filter((name) => !before.includes(name));
  expect(left.filter((name) => /^offmanifold-.{6}$/.test(name))).toEqual([]);
});

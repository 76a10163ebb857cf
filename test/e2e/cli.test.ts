import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyFolder } from '../../bundle/folder.ts';
import { ROOT, TEST_BUNDLE } from '../support/paths.ts';
import { copyProject, freePort } from '../support/server.ts';

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  bundle = join(folder, 'mnist');
  await cp(TEST_BUNDLE, bundle, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

function start(...args: string[]): ChildProcess & { output: string } {
  const child = Object.assign(
    spawn(process.execPath, [join(ROOT, 'training/cli.ts'), ...args], { cwd: folder }),
    {
      output: '',
    },
  );
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (child.output += data));
  return child;
}

async function run(...args: string[]): Promise<{ code: number; output: string }> {
  const child = start(...args);
  const [code] = await once(child, 'close');
  return { code, output: child.output };
}

const QUICK = ['--limit', '2000', '--epochs', '200', '--map-points', '200'];

test('--help lists the commands, with examples', async () => {
  const { code, output } = await run('--help');
  expect(code).toBe(0);
  for (const command of ['train', 'map', 'serve', 'start', 'build', 'inspect'])
    expect(output).toContain(`  ${command} `);
});

describe('bad input is one sentence and a non-zero exit', () => {
  for (const [args, sentence] of [
    [
      ['train', '--epochs', '0'],
      "option '--epochs <n>' argument '0' is invalid. Expected a whole number from 1 to 10000.",
    ],
    [['train', '--learning-rate', 'fast'], 'Expected a number above 0.'],
    [['serve', '--port', '99999'], 'Expected a whole number from 1 to 65535.'],
    [['trian'], '(Did you mean train?)'],
    [
      ['serve', '--model', 'models/none'],
      'there is no bundle at models/none: npx offmanifold train --out models/none',
    ],
    [['map', '--model', 'mnist', '--perplexity', '5000'], 'perplexity'],
  ] as const) {
    test(args.join(' '), async () => {
      const { code, output } = await run(...args);
      expect(code).not.toBe(0);
      expect(output).toContain(sentence);
      expect(output).not.toMatch(/^ +at /m);
    });
  }

  test('a damaged bundle is not served, nor trained over', async () => {
    const damaged = join(folder, 'damaged');
    await cp(TEST_BUNDLE, damaged, { recursive: true });
    await truncate(join(damaged, 'scorer.onnx'), 1000);
    for (const command of ['serve', 'start', 'inspect', 'map']) {
      const { code, output } = await run(command, '--model', damaged);
      expect(code).toBe(1);
      expect(output).toMatch(/offmanifold: .*scorer\.onnx is truncated: 1000 bytes/);
    }
  });

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, output } = await run('serve', '--model', bundle, '--port', String(port));
    other.close();
    expect(code).toBe(1);
    expect(output).toBe(`offmanifold: port ${port} on 127.0.0.1 is taken: choose another with --port\n`);
  });
});

test('a folder that holds something else is not trained over', async () => {
  const { code, output } = await run('train', '--out', '.', ...QUICK);
  expect(code).toBe(1);
  expect(output).toBe(
    'offmanifold: . is there and is no bundle: it is not overwritten; choose another folder\n',
  );
});

test('a perplexity that the map is too small for is refused before training', async () => {
  const { output } = await run('train', '--out', 'other', ...QUICK, '--perplexity', '100');
  expect(output).toMatch(/^offmanifold: perplexity is 100: of 200 points it may be 1 to 66/);
});

test('Ctrl-C while the Worker starts ends everything at once', async () => {
  const project = await copyProject();
  const port = await freePort();
  const args = ['training/cli.ts', 'serve', '--model', bundle, '--port', String(port)];
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  await sleep(500);
  const began = performance.now();
  child.kill('SIGINT');
  await once(child, 'close');
  expect(performance.now() - began).toBeLessThan(6000);
  await sleep(3000);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  await rm(project, { recursive: true });
});

test('inspect checks a bundle and prints its manifest', async () => {
  const { code, output } = await run('inspect', '--model', bundle);
  expect(code).toBe(0);
  expect(JSON.parse(output)).toEqual((await verifyFolder(bundle)).manifest);
});

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  test(`a training run that is ended by ${signal} leaves the bundle that was there whole`, async () => {
    const before = (await verifyFolder(bundle)).manifest;
    const child = start('train', '--out', bundle, ...QUICK);
    while (!child.output.includes('epoch ')) await sleep(20);
    child.kill(signal);
    const [code] = await once(child, 'close');
    expect((await verifyFolder(bundle)).manifest).toEqual(before);
    if (signal === 'SIGINT') {
      expect(code).toBe(130);
      expect((await readdir(folder)).filter((name) => name.startsWith('.mnist'))).toEqual([]);
    }
  });
}

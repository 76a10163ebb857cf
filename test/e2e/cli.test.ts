import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, open, readdir, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { runHere } from '../support/command-here.ts';
import { type CommandLine, commandLine, printed } from '../support/command-line.ts';
import { ROOT, TEST_BUNDLE } from '../support/paths.ts';
import { copyBuiltProject, freePort } from '../support/server.ts';
import { HEADER, sensorRows } from '../training/commands/sensors.ts';

let folder: string;
let bundle: string;
let start: CommandLine['start'];
let run: CommandLine['run'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  ({ start, run } = commandLine(folder));
  bundle = join(folder, 'mnist');
  await cp(TEST_BUNDLE, bundle, { recursive: true });
  await writeFile(join(folder, TABLE), `${[HEADER, ...sensorRows(6000, 1)].join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** A table that trains in seconds, and in enough epochs to be stopped meanwhile. */
const TABLE = 'sensors.csv';

const SMALL_MAP = ['--map-points', '200', '--iterations', '250'];
const QUICK = ['--limit', '2000', '--epochs', '200', '--map-points', '200'];

test('--help lists the commands, with examples', async () => {
  const { code, output } = await run('--help');
  expect(code).toBe(0);
  for (const command of ['train', 'map', 'serve', 'start', 'build', 'inspect'])
    expect(output).toContain(`  ${command} `);
});

test('wrong usage exits with 2', async () => {
  const { code, out, error } = await run('trian');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(error).toBe(
    "offmanifold: unknown command 'trian': did you mean train? (npx offmanifold --help shows the commands)\n",
  );
});

describe('input that cannot be used is one sentence, and exits with 1', () => {
  for (const [args, sentence] of [
    [['train', '--code', '784'], 'code is 784, but the network takes 784 numbers per sample'],
    [['train', '--architecture', 'convolutional', '--kernel', '2'], 'kernel is 2: it must be odd'],
    [['train', '--range', '0,1'], 'range is given'],
    [
      ['train', '--channels', '8'],
      'channels is given, which has no effect without architecture convolutional',
    ],
    [['train', '--resume', '--out', 'none'], 'there is no checkpoint to resume from'],
    [['train', 'rows.csv'], 'rows.csv cannot be read: there is no such file or folder'],
    [['train', 'rows.npy'], 'rows.npy'],
    [['train', '--device', 'abacus'], 'there is no device abacus here: onnxruntime-node offers cpu'],
    [['train', '--config', 'none.json'], 'none.json cannot be read: there is no such file or folder'],
    [
      ['serve', '--model', 'models/none'],
      'there is no bundle at models/none; train one with npx offmanifold train DATA',
    ],
    [
      ['train', '--map-metric', 'manhattan'],
      'map_metric is manhattan, which compares all pairs: a map of 70,000 points takes euclidean, cosine or correlation',
    ],
    [
      ['train', '--map-metric', 'correlation', '--code', '1'],
      'map_metric is correlation, which codes of one number do not have',
    ],
    [['map', '--model', 'mnist', '--perplexity', '5000'], 'takes a perplexity from 1 to'],
    [
      ['map', '--model', 'mnist', '--perplexity', '2', '--affinities', 'uniform'],
      'takes a whole number of neighbours from 3',
    ],
  ] as const) {
    test(args.join(' '), async () => {
      const { code, error } = await runHere(folder, ...args);
      expect(code).toBe(1);
      expect(error).toMatch(/^offmanifold: .*\n$/m);
      expect(error).toContain(sentence);
      expect(error).not.toMatch(/^ +at /m);
    });
  }

  test('a damaged bundle is not served, nor trained over', async () => {
    const damaged = join(folder, 'damaged');
    await cp(TEST_BUNDLE, damaged, { recursive: true });
    await truncate(join(damaged, 'scorer.onnx'), 1000);
    for (const command of ['serve', 'start', 'inspect', 'map']) {
      const { code, error } = await runHere(folder, command, '--model', damaged);
      expect(code).toBe(1);
      expect(error).toMatch(/offmanifold: .*scorer\.onnx is truncated: 1000 bytes/);
    }
  });

  test('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, error } = await runHere(folder, 'serve', '--model', bundle, '--port', String(port));
    other.close();
    expect(code).toBe(1);
    expect(error).toBe(`offmanifold: port ${port} on 127.0.0.1 is taken: choose another with --port\n`);
  });
});

test('a map without --out goes to a folder without dots, and is no model', async () => {
  const inside = await mkdtemp(join(folder, 'maps-'));
  const maps = commandLine(inside);
  await writeFile(join(inside, 'glove.6B.csv'), 'a,b\n1,2\n3,4\n5,7\n8,8\n1,1\n');
  const made = await maps.run('map', 'glove.6B.csv', '--iterations', '250');
  expect(made.error).toContain('serve --model models/glove_6B');
  const scored = await maps.run('score', 'glove.6B.csv');
  expect(scored.error).toMatch(/^offmanifold: there is no bundle in .*models: train one/);
  const built = await maps.run('build', '--engine', 'onnxruntime-web');
  expect(built.error).toContain('--engine is for a model, and models/glove_6B is a map without one');
  const served = await maps.run('serve', '--engine', 'onnxruntime-web', '--weights', 'int8');
  expect(served.error).toMatch(/: --engine is for a model, .*\n.*: --weights is for a model/);
  const production = await maps.run(
    ...['serve', '--production', '--model', 'models/glove_6B', '--engine', 'onnxruntime-node'],
  );
  expect(production.error).toContain('--engine is for a model');
  expect([made.code, scored.code, built.code, served.code, production.code]).toEqual([0, 1, 2, 2, 2]);
});

test('a folder that holds something else is not trained over', async () => {
  const { code, error } = await runHere(folder, 'train', '--out', '.', ...QUICK);
  expect(code).toBe(1);
  expect(error).toBe(
    'offmanifold: . exists and is not a bundle: it is not overwritten; choose another folder with --out\n',
  );
});

test.each([
  [['--perplexity', '100'], 'perplexity is 100: a map of 200 points takes a perplexity from 1 to 66'],
  [['--perplexity', '10,90'], 'perplexity is 90: a map of 200 points takes a perplexity from 1 to 66'],
  [
    ['--perplexity', '10,20', '--affinities', 'uniform'],
    'perplexity is 10, 20: with uniform affinities it is',
  ],
  [['--frames', '70000'], 'frames is 70000: a map of 200 points takes at most 60000; 0 keeps none'],
])('what does not fit the map is refused before training: %j', async (flags, sentence) => {
  const { error } = await runHere(folder, 'train', '--out', 'other', ...QUICK, ...flags);
  expect(error.startsWith(`offmanifold: ${sentence}`)).toBe(true);
  expect(error).not.toMatch(/^ +at /m);
});

test('Ctrl-C while the Worker starts ends everything at once', async () => {
  const project = await copyBuiltProject();
  const port = await freePort();
  const args = ['bin/offmanifold.js', 'serve', '--model', bundle, '--port', String(port)];
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  await sleep(500);
  const began = performance.now();
  child.kill('SIGINT');
  await once(child, 'close');
  expect(performance.now() - began).toBeLessThan(6000);
  // A process that is left would serve in a moment.
  if (process.platform === 'linux') await expect.poll(() => processesIn(project)).toEqual([]);
  else await sleep(3000);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  await rm(project, { recursive: true });
});

/** The processes that run in a folder, by their ids. */
async function processesIn(place: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => '')));
  return ids.filter((_, i) => folders[i] === place);
}

test('inspect of a misspelt bundle names the one that was probably meant', async () => {
  const { code, error } = await run('inspect', `${bundle}s`);
  expect(code).toBe(1);
  expect(error).toContain(`did you mean ${bundle}?`);
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
    await printed(child, 'epoch ');
    child.kill(signal);
    const [code] = await once(child, 'close');
    expect((await verifyFolder(bundle)).manifest).toEqual(before);
    if (signal === 'SIGINT') {
      expect(code).toBe(130);
      expect((await readdir(folder)).filter((name) => name.startsWith('.mnist'))).toEqual([]);
      expect(child.output).toContain('run the same command with --resume to continue');
    }
  });
}

test('standard output on a full disk is one sentence', async () => {
  for (const args of [
    ['inspect', TABLE],
    ['score', 'mnist', '--model', bundle],
  ]) {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [join(ROOT, 'bin/offmanifold.js'), ...args], {
      cwd: folder,
      stdio: ['ignore', full.fd, 'pipe'],
    });
    let error = '';
    child.stderr!.on('data', (data) => (error += data));
    expect((await once(child, 'close'))[0]).toBe(1);
    await full.close();
    expect(error).toMatch(/^offmanifold: standard output cannot be written: the disk is full\n/m);
    expect(error).not.toContain('bug');
  }
});

test('a run whose progress nobody reads is trained to its end', async () => {
  const out = join(folder, 'unread', 'm');
  const child = start(
    'train',
    TABLE,
    '--out',
    out,
    '--epochs',
    '1',
    '--map-points',
    '100',
    '--iterations',
    '250',
  );
  await once(child.stderr, 'data');
  child.stderr.destroy();
  child.stdout.destroy();
  expect((await once(child, 'exit'))[0]).toBe(0);
  await verifyFolder(out);
});

test('what to do after Ctrl-C depends on the command', async () => {
  const flags = [TABLE, '--model', join(folder, 'started', 'm'), '--epochs', '40', '--patience', '0'];
  const child = start('start', ...flags, '--port', String(await freePort()));
  await printed(child, 'epoch ');
  child.kill('SIGINT');
  expect((await once(child, 'close'))[0]).toBe(130);
  expect(child.output).toMatch(/stopped; run the same command again to continue\n$/);
  const early = start('train', TABLE, '--out', join(folder, 'early', 'm'));
  await printed(early, 'reading ');
  early.kill('SIGINT');
  expect((await once(early, 'close'))[0]).toBe(130);
  expect(early.output).toMatch(/stopped; run the same command again; nothing was trained yet\n$/);
});

test('a dry run says what would be trained, and trains nothing', async () => {
  const { code, output } = await run('train', '--dry-run', '--preset', 'image', '--out', 'dry');
  expect(code).toBe(0);
  expect(output).toMatch(/model: convolutional, 28×28×1 → conv 16, 32 → 256 → 64, relu, preset image/);
  expect(output).toMatch(/parameters: 847,297\n/);
  expect(output).toMatch(/memory of a step: \d+\.\d MB .* saved for the gradients/);
  expect(output).toMatch(/time: \d+.* ms a step/);
  expect(await readdir(folder)).not.toContain('dry');
});

test('the learning-rate range test suggests a rate', async () => {
  const { code, output } = await run('lr-range', '--limit', '2000', '--steps', '60');
  expect(code).toBe(0);
  expect(output).toMatch(/suggested: --learning-rate \S+ \(a tenth of the rate with the smallest loss\)\n/);
  const falling = await runHere(folder, 'lr-range', '--from', '1', '--to', '0.1');
  expect(falling).toMatchObject({
    code: 1,
    error: 'offmanifold: --from is 1 and --to is 0.1: the rate has to rise\n',
  });
});

test('train --json --quiet prints one document, and warnings to standard error; without --quiet it says what to do next', async () => {
  const out = join(folder, 'json', 'm');
  const flags = [TABLE, '--limit', '1500', '--epochs', '1', ...SMALL_MAP, '--out', out];
  const { code, out: text, error } = await run('train', ...flags, '--json', '--quiet');
  expect(code).toBe(0);
  // After one epoch there is a warning, which --quiet does not hide.
  expect(error).toMatch(
    /^warning: the autoencoder reconstructs test samples worse than PCA .*\n(warning: .*\n)*$/,
  );
  const { manifest } = await verifyFolder(out);
  const { model_id, headline } = manifest;
  expect(JSON.parse(text)).toEqual({ model_id, folder: out, headline, seconds: expect.any(Number) });
  const loud = await runHere(folder, 'train', ...flags);
  expect(loud.out).toBe('');
  expect(loud.error).toContain(`npx offmanifold serve --model ${out}`);
  expect(loud.error).toContain(`npx offmanifold score NEW.csv --model ${out} --out scores.csv`);
});

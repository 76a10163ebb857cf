import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { type CommandLine, commandLine, printed } from '../support/command-line.ts';
import { HEADER, sensorRows } from '../training/commands/sensors.ts';

const TABLE = 'sensors.csv';
const SMALL_MAP = ['--map-points', '200', '--iterations', '250'];

let folder: string;
let start: CommandLine['start'];
let run: CommandLine['run'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  ({ start, run } = commandLine(folder));
  await writeFile(join(folder, TABLE), `${[HEADER, ...sensorRows(6000, 1)].join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

test('a run that is stopped by Ctrl-C and resumed gives the model that one without a stop gives', async () => {
  const flags = [TABLE, '--limit', '2500', ...['--epochs', '40', '--patience', '0'], ...SMALL_MAP];
  const whole = await run('train', '--out', join(folder, 'whole', 'm'), ...flags);
  expect(whole.code).toBe(0);
  const out = join(folder, 'stopped', 'm');
  const child = start('train', '--out', out, '--log', 'run.ndjson', ...flags);
  await printed(child, 'epoch ');
  child.kill('SIGINT');
  expect((await once(child, 'close'))[0]).toBe(130);
  expect(await readdir(join(folder, 'stopped'))).toEqual(['m.checkpoint']);
  const refused = await run('train', '--out', out, ...flags, '--resume', '--learning-rate', '0.1');
  expect(refused.output).toContain('training.learning_rate was 0.003 and is 0.1');
  const resumed = await run('train', '--out', out, '--log', 'run.ndjson', ...flags, '--resume');
  expect(resumed.code).toBe(0);
  const id = async (path: string) => (await verifyFolder(path)).manifest.model_id;
  expect(await id(out)).toBe(await id(join(folder, 'whole', 'm')));
  expect(await readdir(join(folder, 'stopped'))).toEqual(['m']);
  const events = (await readFile(join(folder, 'run.ndjson'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.filter(({ event }) => event === 'epoch').map(({ epoch }) => epoch)).toEqual(
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  expect(events.at(-1)).toMatchObject({ event: 'done', model_id: await id(out) });
});

test('a run that is stopped after training goes on from there, without training again', async () => {
  const flags = [TABLE, '--limit', '1500', '--epochs', '2', '--map-points', '800', '--iterations', '800'];
  const out = join(folder, 'late', 'm');
  const stopped = async (stage: string, wait: number, ...more: string[]) => {
    const child = start('train', '--out', out, ...flags, ...more);
    await printed(child, stage);
    await sleep(wait);
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(143);
    expect(child.output).toContain('run the same command with --resume to continue');
    expect(await readdir(join(folder, 'late'))).toEqual(['m.checkpoint']);
    return child.output;
  };
  expect(await stopped('fitting the detectors', 0)).toContain('epoch 2/2');
  // While t-SNE is under way.
  expect(await stopped('mapping 800 of ', 100, '--resume')).not.toContain('epoch ');
  const resumed = await run('train', '--out', out, ...flags, '--resume');
  expect(resumed.code).toBe(0);
  expect(resumed.output).not.toContain('epoch ');
  const whole = join(folder, 'late', 'whole', 'm');
  expect((await run('train', '--out', whole, ...flags)).code).toBe(0);
  const id = async (path: string) => (await verifyFolder(path)).manifest.model_id;
  expect(await id(out)).toBe(await id(whole));
});

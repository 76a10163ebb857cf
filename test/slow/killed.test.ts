import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../kernels/random.ts';
import { readCheckpoint } from '../../training/network/checkpoint.ts';
import { checkpointPath } from '../../training/pipeline/checkpoints.ts';

const KILLS = 50;
const FLAGS = [
  ['--limit', '2000'],
  ['--epochs', '12'],
  ['--map-points', '100'],
  ['--iterations', '250'],
  ['--checkpoint-every', '0.02'],
].flat();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  code: number | null;
  errors: string;
}

/** Runs the command; `killAfter` milliseconds from its first progress on, it is killed. */
function train(out: string, resume: boolean, killAfter?: number): Promise<Ended> {
  const args = ['training/cli.ts', 'train', '--out', out, ...FLAGS, ...(resume ? ['--resume'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  let timer: NodeJS.Timeout | undefined;
  child.stderr.on('data', (data) => {
    errors += data;
    if (killAfter !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  return new Promise((done) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code, errors });
    }),
  );
}

const modelId = async (out: string) =>
  JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')).model_id as string;

test(`killed at ${KILLS} random moments, a run always goes on, to the same bytes`, async () => {
  // The name is part of the identity: so it is the same in two folders.
  const whole = join(folder, 'whole', 'model');
  expect(await train(whole, false)).toMatchObject({ code: 0 });
  const out = join(folder, 'killed', 'model');
  const checkpoint = checkpointPath(out);
  const random = new Random(50);
  let furthest = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    if (existsSync(join(out, 'manifest.json'))) {
      // It came to its end: from the beginning again.
      expect(await modelId(out)).toBe(await modelId(whole));
      await rm(out, { recursive: true });
      furthest = 0;
    }
    const { code, errors } = await train(out, existsSync(checkpoint), 1500 * random.uniform());
    expect(code === null || code === 0, errors).toBe(true);
    const found = readCheckpoint(checkpoint);
    if (code === 0) continue;
    expect(found?.progress.steps ?? 0).toBeGreaterThanOrEqual(furthest);
    furthest = found?.progress.steps ?? 0;
  }
  if (!existsSync(join(out, 'manifest.json'))) {
    expect(await train(out, existsSync(checkpoint))).toMatchObject({ code: 0 });
  }
  expect(await modelId(out)).toBe(await modelId(whole));
  expect(existsSync(checkpoint)).toBe(false);
}, 900_000);

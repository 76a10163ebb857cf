import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../kernels/random.ts';
import { readCheckpoint } from '../../training/network/checkpoint.ts';
import { checkpointPath } from '../../training/pipeline/checkpoints.ts';

/** Runs that are killed again and again, side by side: two processors have work for both. */
const RUNS = 2;
const KILLS = 25;
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

test(`killed at ${RUNS * KILLS} random moments, a run always goes on, to the same bytes`, async () => {
  // The name is part of the identity: so it is the same in all folders.
  const whole = join(folder, 'whole', 'model');
  expect(await train(whole, false)).toMatchObject({ code: 0 });
  const expected = await modelId(whole);
  await Promise.all(
    Array.from({ length: RUNS }, (_, run) =>
      killAndResume(join(folder, `killed-${run}`, 'model'), expected, run),
    ),
  );
}, 900_000);

/** Kills training into `out` at `KILLS` random moments, resumes it each time, and expects a certain model. */
async function killAndResume(out: string, expected: string, seed: number): Promise<void> {
  const checkpoint = checkpointPath(out);
  const random = new Random(seed);
  let furthest = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    if (existsSync(join(out, 'manifest.json'))) {
      // It came to its end: from the beginning again.
      expect(await modelId(out)).toBe(expected);
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
  expect(await modelId(out)).toBe(expected);
  expect(existsSync(checkpoint)).toBe(false);
}

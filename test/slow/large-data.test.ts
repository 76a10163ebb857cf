import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../kernels/random.ts';
import { NpyWriter } from '../../training/data/datasets/npy-writer.ts';
import { ROOT } from '../support/paths.ts';
import type { EpochReport } from '../training/data/datasets/epoch-reader.ts';

const GIGABYTE = 2 ** 30;
const FEATURES = 1024;
const ROWS = 2 ** 20;

/** Writes 4 GiB of random rows, each of which starts with its number and ends with its negative. */
async function generate(path: string): Promise<void> {
  const writer = await NpyWriter.create(path, [FEATURES]);
  const random = new Random(1);
  const block = new Float32Array(4096 * FEATURES).map(() => random.uniform());
  for (let start = 0; start < ROWS; start += 4096) {
    for (let i = 0; i < 4096; i++) {
      block[i * FEATURES] = start + i;
      block[(i + 1) * FEATURES - 1] = -(start + i);
    }
    await writer.write(block);
  }
  await writer.close();
}

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-large-'));
  path = join(folder, 'large.npy');
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / GIGABYTE;
  expect(free, `${tmpdir()} has ${free.toFixed(1)} GiB free, this test needs 6`).toBeGreaterThan(6);
  await generate(path);
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

test('a file of 4 GiB is shuffled and read within 1 GiB of memory, each row once', async () => {
  const reader = join(ROOT, 'test/training/data/datasets/epoch-reader.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [reader, path], { timeout: 300_000 });
  const report = JSON.parse(stdout) as EpochReport;
  console.log(
    `${report.megabytesPerSecond.toFixed(0)} MB/s, ${report.seconds.toFixed(1)} s an epoch, ` +
      `${(report.kernelPeak / 2 ** 20).toFixed(0)} MiB resident at most`,
  );
  expect(report.count).toBe(ROWS);
  expect(report.complete).toBe(true);
  expect(report.changedBySameSeed).toBe(0);
  expect(report.sameByOtherSeed).toBeLessThan(10);
  expect(report.residentPeak).toBeLessThan(GIGABYTE);
  expect(report.kernelPeak).toBeLessThan(GIGABYTE);
});

test('a model is trained on a file of 4 GiB, from reading to the bundle, within 1 GiB of memory', async () => {
  const args = [join(ROOT, 'training/cli.ts'), 'train', path, '--out', join(folder, 'model')];
  const child = spawn(
    process.execPath,
    [...args, ...'--preset small --widths 64 --code 8 --epochs 1 --map-points 500'.split(' ')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let output = '';
  child.stderr.on('data', (data) => {
    output += data;
  });
  // The most that the process has had resident so far; Linux keeps the count.
  let peak = 0;
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 100);
  const [code] = await once(child, 'close');
  clearInterval(timer);
  expect(code, output).toBe(0);
  console.log(`trained within ${(peak / 2 ** 20).toFixed(0)} MiB`);
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThan(GIGABYTE);
});

import { readFileSync } from 'node:fs';
import { Random } from '../../../../kernels/random.ts';
import { DiskDataset } from '../../../../training/data/datasets/disk.ts';
import { NpyFile } from '../../../../training/data/datasets/npy.ts';

/** What a process that reads a large file prints, as JSON. */
export interface EpochReport {
  count: number;
  /** Of the first epoch: each row came exactly once, and whole. */
  complete: boolean;
  seconds: number;
  megabytesPerSecond: number;
  /** Places in the epoch at which a second data set with the same seed gave other rows. */
  changedBySameSeed: number;
  /** Places of 10,000 at which another seed gave the same row. */
  sameByOtherSeed: number;
  /** Most memory ever resident, in bytes: sampled by Node, and as the kernel counted it. */
  residentPeak: number;
  kernelPeak: number;
}

const BATCH = 256;

/**
 * Reads one shuffled epoch of a file whose rows start with their number and end with its negative; then
 * parts of an epoch with the same seed, and with another.
 */
async function report(path: string): Promise<EpochReport> {
  const file = await NpyFile.open(path);
  const { count, features, rowBytes } = file;
  const batch = new Float32Array(BATCH * features);
  const order = new Uint32Array(count);
  const times = new Uint8Array(count);
  let residentPeak = 0;
  let complete = true;

  /** Reads samples from start on, and hands on the row of each. */
  async function read(
    dataset: DiskDataset,
    start: number,
    end: number,
    row: (at: number, row: number) => void,
  ) {
    for (let at = start; at < end; at += BATCH) {
      const size = Math.min(BATCH, end - at);
      const waiting = dataset.read(at, size, batch);
      if (waiting) await waiting;
      for (let i = 0; i < size; i++) {
        complete &&= batch[(i + 1) * features - 1] === -batch[i * features];
        row(at + i, batch[i * features]);
      }
      if (at % (64 * BATCH) === 0) residentPeak = Math.max(residentPeak, process.memoryUsage.rss());
    }
  }

  const began = performance.now();
  const dataset = new DiskDataset(file);
  dataset.shuffle(new Random(1));
  await read(dataset, 0, count, (at, row) => {
    order[at] = row;
    times[row]++;
  });
  const seconds = (performance.now() - began) / 1000;
  complete &&= times.every((n) => n === 1);

  let sameByOtherSeed = 0;
  dataset.shuffle(new Random(2));
  await read(dataset, 0, 10_000, (at, row) => {
    if (order[at] === row) sameByOtherSeed++;
  });
  await dataset.close();

  let changedBySameSeed = 0;
  const again = new DiskDataset(file);
  again.shuffle(new Random(1));
  for (const start of [0, Math.floor(count / 2), count - 10_000]) {
    await read(again, start, start + 10_000, (at, row) => {
      if (order[at] !== row) changedBySameSeed++;
    });
  }
  await again.close();
  await file.close();
  return {
    count,
    complete,
    seconds,
    megabytesPerSecond: (count * rowBytes) / 1e6 / seconds,
    changedBySameSeed,
    sameByOtherSeed,
    residentPeak,
    kernelPeak: kernelPeak() ?? residentPeak,
  };
}

/** The kernel's own high-water mark of resident memory, in bytes, where there is one (Linux). */
function kernelPeak(): number | undefined {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return line ? Number(line[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}

console.log(JSON.stringify(await report(process.argv[2])));

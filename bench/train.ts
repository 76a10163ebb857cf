import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DenseAutoencoder } from '../training/autoencoder/dense.ts';
import { trainAutoencoder } from '../training/autoencoder/train.ts';
import { loadMnist } from '../training/data/mnist.ts';
import { DEFAULTS } from '../training/pipeline.ts';
import type { Bench } from './harness.ts';

const EPOCHS = 12;

/** The best training epoch, as a share of the best rate at which this machine multiplies matrices. */
export const bench: Bench = {
  title: 'training epoch against the peak of matrix multiplication',
  targets: { dense_epoch_over_gemm_peak: { atLeast: 0.6 } },
  async run(log) {
    const before = gemmPeak(log);
    const epochs = await epochSeconds(log);
    const peak = Math.max(before, gemmPeak(log));
    const seconds = Math.min(...epochs);
    const rate = epochFlops() / seconds / 1e9;
    return {
      dense_epoch_over_gemm_peak: rate / peak,
      dense_epoch_s: seconds,
      dense_epoch_median_s: epochs.toSorted((a, b) => a - b)[epochs.length >> 1],
      dense_epoch_gflops: rate,
      gemm_peak_gflops: peak,
      images_per_s: 60_000 / seconds,
    };
  },
};

const model = new DenseAutoencoder(DEFAULTS.widths);

/** Multiply-adds count two: forward, weight gradient, and (but for the first layer) input gradient. */
function epochFlops(): number {
  const weights = model.widths.slice(1).map((out, i) => model.widths[i] * out);
  const products = weights.reduce((sum, size, i) => sum + size * (i === 0 ? 2 : 3), 0);
  return 2 * products * 60_000;
}

/** Wall time of each epoch but the first: shuffling, batches, step, Adam and validation. */
async function epochSeconds(log: (line: string) => void): Promise<number[]> {
  const train = await loadMnist('train');
  const test = await loadMnist('test');
  const ends: number[] = [];
  await trainAutoencoder(
    model,
    train,
    { data: test.data.subarray(0, 256 * model.features), count: 256 },
    1 / 255,
    {
      ...DEFAULTS,
      epochs: EPOCHS,
      onProgress(p) {
        if (p.done < p.of) return;
        ends.push(performance.now());
        log(`epoch ${p.epoch}/${EPOCHS}: loss ${p.loss.toFixed(2)}`);
      },
    },
  );
  return ends.slice(1).map((end, i) => (end - ends[i]) / 1000);
}

/** GFLOP/s of the best square product, measured in a process of its own that leaves nothing behind here. */
function gemmPeak(log: (line: string) => void): number {
  const script = fileURLToPath(new URL('./gemm-peak.ts', import.meta.url));
  const peak = Number(execFileSync(process.execPath, [script], { encoding: 'utf8' }));
  log(`best matrix product: ${peak.toFixed(0)} GFLOP/s`);
  return peak;
}

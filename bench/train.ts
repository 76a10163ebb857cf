import { DenseAutoencoder } from '../training/autoencoder/dense.ts';
import { trainAutoencoder } from '../training/autoencoder/train.ts';
import { loadMnist } from '../training/data/mnist.ts';
import { Graph } from '../training/onnx/graph.ts';
import { serialise } from '../training/onnx/serialise.ts';
import { DEFAULTS } from '../training/pipeline.ts';
import { Random } from '../training/random.ts';
import { createSession, tensor } from '../training/session.ts';
import type { Bench } from './harness.ts';

const EPOCHS = 6;
const GEMM_SIZES = [768, 1024, 1536, 2048];

/** The best training epoch, as a share of the best rate at which this machine multiplies matrices. */
export const bench: Bench = {
  title: 'training epoch against the peak of matrix multiplication',
  targets: { dense_epoch_over_gemm_peak: { atLeast: 0.6 } },
  async run(log) {
    const before = await gemmPeak(log);
    const epochs = await epochSeconds(log);
    const after = await gemmPeak(log);
    const peak = Math.max(before, after);
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

/** The best rate of a square product in GFLOP/s, both operands fed anew as in training. */
async function gemmPeak(log: (line: string) => void): Promise<number> {
  let best = 0;
  for (const n of GEMM_SIZES) {
    const graph = new Graph();
    const [a, b] = [graph.input('a', [n, n]), graph.input('b', [n, n])];
    graph.output('c', graph.op('Gemm', [a, b]));
    const session = await createSession(serialise(graph, 'gemm'));
    const random = new Random(n);
    const matrix = () =>
      tensor(
        Float32Array.from({ length: n * n }, () => random.uniform()),
        [n, n],
      );
    const feeds = { a: matrix(), b: matrix() };
    const fetches = { c: tensor(new Float32Array(n * n), [n, n]) };
    await session.run(feeds, fetches);
    let rate = 0;
    for (let i = 0; i < 12; i++) {
      const began = performance.now();
      await session.run(feeds, fetches);
      rate = Math.max(rate, (2 * n ** 3) / (performance.now() - began) / 1e6);
    }
    await session.release();
    log(`GEMM ${n} × ${n} × ${n}: ${rate.toFixed(0)} GFLOP/s`);
    best = Math.max(best, rate);
  }
  return best;
}

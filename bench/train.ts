import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Random } from '../kernels/random.ts';
import { Autoencoder } from '../training/autoencoder/autoencoder.ts';
import { TrainingRun } from '../training/autoencoder/run.ts';
import { resolveConfiguration } from '../training/config/resolve.ts';
import type { Configuration } from '../training/config/schema.ts';
import { MemoryDataset } from '../training/data/datasets/dataset.ts';
import { loadMnist } from '../training/data/readers/mnist.ts';
import type { Bench, Log } from './harness.ts';
import { measurePeers } from './peers/peers.ts';

const IMAGES = 60_000;
const EPOCHS = 12;

/** Steps of the convolutional networks: a whole epoch of the wide one would take minutes. */
const CONV_STEPS = 24;
const WIDE_STEPS = 3;

const CONVOLUTIONAL: Configuration = {
  architecture: 'convolutional',
  channels: [16, 32],
  strides: [2, 2],
  widths: [],
  code: 64,
};
const WIDE: Configuration = { ...CONVOLUTIONAL, channels: [32, 64, 128], strides: [1, 1, 1] };

/** Steps and batch of the short form, which looks at how far the loss falls. */
const QUICK_STEPS = 40;
const BATCH = 256;

/** Training epochs, as a share of the best rate at which this machine multiplies matrices, and against peers. */
export const bench: Bench = {
  title: 'training epochs against the peak of matrix multiplication, and against peers',
  targets: {
    dense_epoch_over_gemm_peak: { atLeast: 0.8 },
    optimizer_share: { atMost: 0.1 },
    conv_epoch_over_gemm_peak: { atLeast: 0.2 },
    conv_wide_over_gemm_peak: { atLeast: 0.6 },
    tfjs_wasm_over_ours: { atLeast: 30 },
    tfjs_cpu_over_ours: { atLeast: 120 },
    numpy_over_ours: { atLeast: 1.8 },
    peak_rss_mb: { atMost: 700 },
    start_to_first_step_s: { atMost: 3 },
  },
  async run(log) {
    const started = wholeRun(log);
    const peaks = [gemmPeak(log)];
    const dense = await measureEpoch({}, Math.ceil(IMAGES / 256), EPOCHS, log);
    peaks.push(gemmPeak(log));
    const conv = await measureEpoch(CONVOLUTIONAL, CONV_STEPS, 3, log);
    const wide = await measureEpoch(WIDE, WIDE_STEPS, 2, log);
    peaks.push(gemmPeak(log));
    const peak = Math.max(...peaks);
    const peers = await measurePeers(log);
    return {
      dense_epoch_over_gemm_peak: dense.gflops / peak,
      optimizer_share: dense.optimiserShare,
      conv_epoch_over_gemm_peak: conv.gflops / peak,
      conv_wide_over_gemm_peak: wide.gflops / peak,
      ...ratios(peers, dense.stepMs),
      peak_rss_mb: started.peakRssMb,
      start_to_first_step_s: started.firstStepS,
      dense_epoch_s: dense.epochS,
      dense_epoch_gflops: dense.gflops,
      conv_epoch_s: conv.epochS,
      conv_wide_epoch_s: wide.epochS,
      gemm_peak_gflops: peak,
      images_per_s: IMAGES / dense.epochS,
      ...peers,
    };
  },
  quick: {
    targets: {
      dense_loss_ratio: { atMost: 0.35 },
      conv_loss_ratio: { atMost: 0.45 },
      // A peer has a figure only if it finds the losses that are known.
      tfjs_wasm_transposed_ms: { atLeast: 0 },
    },
    async run(log) {
      return {
        start_to_first_step_s: wholeRun(log, 'quick').firstStepS,
        dense_loss_ratio: await lossRatio({}, log),
        conv_loss_ratio: await lossRatio(CONVOLUTIONAL, log),
        gemm_peak_gflops: gemmPeak(log),
        ...(await measurePeers(log, 'quick')),
      };
    },
  },
};

/** How many times as long a step takes in each peer that was measured. */
function ratios(peers: Record<string, number>, stepMs: number): Record<string, number> {
  const names = ['tfjs_wasm', 'tfjs_wasm_transposed', 'tfjs_cpu', 'numpy', 'torch_dense'];
  const measured = names.filter((name) => peers[`${name}_ms`] !== undefined);
  return Object.fromEntries(measured.map((name) => [`${name}_over_ours`, peers[`${name}_ms`] / stepMs]));
}

interface Measured {
  /** Seconds for an epoch of 60,000 images, everything in it included. */
  epochS: number;
  gflops: number;
  stepMs: number;
  optimiserShare: number;
}

/** The best of several rounds of steps, in batches of 256, after a round that warms up. */
async function measureEpoch(
  configuration: Configuration,
  steps: number,
  rounds: number,
  log: Log,
): Promise<Measured> {
  const { model, train, run } = await startRun(configuration);
  await using _released = run;
  let best = { seconds: Number.POSITIVE_INFINITY, share: 0, samples: 0 };
  let t = 0;
  for (let round = 0; round <= rounds; round++) {
    const optimiser = run.trainer.seconds.optimiser;
    const began = performance.now();
    train.shuffle(new Random(round));
    let samples = 0;
    for (let step = 0; step < steps; step++) {
      const size = Math.min(BATCH, IMAGES - samples);
      await run.step(samples, size, 1e-3, ++t);
      samples += size;
    }
    const seconds = (performance.now() - began) / 1000;
    const share = (run.trainer.seconds.optimiser - optimiser) / seconds;
    if (round > 0 && seconds < best.seconds) best = { seconds, share, samples };
  }
  const epochS = (best.seconds * IMAGES) / best.samples;
  const gflops = (model.trainingFlops * IMAGES) / epochS / 1e9;
  log(`${model.blueprint.kind}: ${epochS.toFixed(3)} s an epoch, ${gflops.toFixed(0)} GFLOP/s`);
  return { epochS, gflops, stepMs: (1000 * best.seconds) / steps, optimiserShare: best.share };
}

/** The loss after some steps as a share of the loss at the first: how well training begins. */
async function lossRatio(configuration: Configuration, log: Log): Promise<number> {
  const { model, train, run } = await startRun(configuration);
  await using _released = run;
  train.shuffle(new Random(1));
  const losses: number[] = [];
  for (let step = 0; step < QUICK_STEPS; step++) {
    losses.push(await run.step(step * BATCH, BATCH, 1e-3, step + 1));
  }
  log(`${model.blueprint.kind}: loss ${losses[0].toFixed(1)}, then ${losses.at(-1)!.toFixed(1)}`);
  return losses.at(-1)! / losses[0];
}

/** A training run on the 60,000 images of MNIST. */
async function startRun(configuration: Configuration) {
  const images = await loadMnist('train');
  const shape = [28, 28, 1];
  const { blueprint, training } = resolveConfiguration(configuration, {
    shape,
    count: IMAGES,
    scaling: 'range',
  });
  const model = new Autoencoder(blueprint);
  const train = new MemoryDataset(images.data, shape);
  const validation = { data: images.data.subarray(0, BATCH * 784), count: BATCH };
  const scaling = { kind: 'range', low: 0, high: 255 } as const;
  const run = await TrainingRun.create(model, { train, validation, scaling }, training, {});
  return { model, train, run };
}

/** GFLOP/s of the best square product, measured in a process of its own that leaves nothing behind here. */
function gemmPeak(log: Log): number {
  const script = fileURLToPath(new URL('./gemm-peak.ts', import.meta.url));
  const peak = Number(execFileSync(process.execPath, [script], { encoding: 'utf8' }));
  log(`best matrix product: ${peak.toFixed(0)} GFLOP/s`);
  return peak;
}

/** A whole training run on MNIST: its peak memory, and how long it takes to begin. */
function wholeRun(log: Log, ...args: string[]): { peakRssMb: number; firstStepS: number } {
  const script = fileURLToPath(new URL('./whole-run.ts', import.meta.url));
  const began = Date.now();
  const { stdout, status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the whole run failed: ${stderr}`);
  const { firstStep, peakRssMb } = JSON.parse(stdout) as { firstStep: number; peakRssMb: number };
  const firstStepS = (firstStep - began) / 1000;
  log(`whole run: first step after ${firstStepS.toFixed(2)} s, peak ${peakRssMb.toFixed(0)} MB`);
  return { peakRssMb, firstStepS };
}

import type { Report } from '../../bundle/report.ts';
import type { Training } from '../../bundle/training.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import { Encoder } from '../autoencoder/encoder.ts';
import type { Source } from '../data/source.ts';
import type { Pca } from '../linear/pca.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { mean } from './metrics.ts';

/** The noise that test samples are corrupted by: the same for every bundle. */
const NOISE_SEED = 20161;
const STREAM = 1;

/** Ranks of PCA that are tried, as far as it has them. */
export const RANKS = [8, 16, 24, 32, 48, 64, 96, 128];

/** Rows in the units of training, corrupted as in training: a copy, the same whenever it is asked for. */
export function corrupted(
  rows: Float32Array,
  { corruption, corruption_level: level }: Pick<Training, 'corruption' | 'corruption_level'>,
): Float32Array {
  const memory = new KernelMemory(4 * rows.length + 65_536);
  const noisy = memory.f32(rows.length);
  noisy.set(rows);
  const noise = new Noise(memory, NOISE_SEED);
  noise.seek(STREAM, 0);
  if (corruption === 'gaussian') noise.gaussian(noisy, level);
  else if (corruption === 'masking') noise.masking(noisy, level);
  else if (corruption === 'salt_and_pepper') noise.saltAndPepper(noisy, level, 0, 1);
  return noisy;
}

/**
 * How much nearer to the clean test samples a denoising autoencoder brings corrupted ones, as peak
 * signal-to-noise ratio, 10 log₁₀(1 / MSE) dB of values in 0..1, beside the best rank of PCA
 * (`pca` has as many components as are to be tried).
 */
export async function denoisingReport(
  scorer: Scorer,
  source: Source,
  pca: Pca,
  { corruption, corruption_level: level }: Pick<Training, 'corruption' | 'corruption_level'>,
  options: { threads?: number } = {},
): Promise<NonNullable<Report['denoising']>> {
  const { test, features, scaling } = source;
  const encoder = new Encoder(features, scaling);
  const clean = await encoder.encode(test.data);
  const noisy = corrupted(clean, { corruption, corruption_level: level });
  const psnr = (found: Float32Array) =>
    10 * Math.log10(1 / mean(found.map((value, p) => (value - clean[p]) ** 2)));
  const raw = await encoder.decode(noisy);
  const { reconstruction } = await scorer.run(raw, test.count, ['reconstruction']);
  const found = await encoder.encode(reconstruction);
  await encoder.release();
  let best = { components: 0, psnr: Number.NEGATIVE_INFINITY };
  for (const components of RANKS.filter((rank) => rank <= pca.count)) {
    const rows = (start: number, count: number, target: Float32Array) =>
      target.set(noisy.subarray(start * features, (start + count) * features));
    const found = {
      components,
      psnr: psnr(await pca.leading(components).reconstruct(rows, test.count, options)),
    };
    if (found.psnr > best.psnr) best = found;
  }
  const own = psnr(found);
  return { corruption, level, psnr_noisy: psnr(noisy), psnr: own, pca: best, gain_db: own - best.psnr };
}

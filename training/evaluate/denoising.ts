import type { Report } from '../../bundle/report.ts';
import type { Training } from '../../bundle/training.ts';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import { corrupt } from '../autoencoder/corruption.ts';
import type { Encoder } from '../autoencoder/encoder.ts';
import type { Pca } from '../linear/pca.ts';
import type { Samples } from '../network/samples.ts';
import { Scope } from '../network/scope.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { Matrix } from '../runtime/rows.ts';
import { runRows } from '../runtime/run-rows.ts';
import { createSession, tensor } from '../runtime/session.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { mean } from './metrics.ts';

/** Seed of the noise that corrupts test samples: fixed, so that all bundles get the same noise. */
const NOISE_SEED = 20161;
const STREAM = 1;

/** Numbers of PCA components to try, as far as the PCA has them. */
export const RANKS = [8, 16, 24, 32, 48, 64, 96, 128];

/** Corrupts rows in the units of training as training does, n × d. The same rows always get the same noise. */
export async function corruptRows(
  rows: Matrix,
  corruption: Pick<Training, 'corruption' | 'corruption_level'>,
): Promise<Float32Array> {
  const { n, d } = rows;
  const graph = new Graph();
  const scope = new Scope(graph, new Map(), true);
  graph.output('y', corrupt(scope, graph.input('x', ['N', d]), corruption));
  const memory = new KernelMemory(4 * n * d * scope.noise.length + 65_536);
  const noise = new Noise(memory, NOISE_SEED);
  noise.seek(STREAM, 0);
  const draws = scope.noise.map(({ name, kind }) => {
    const values = memory.f32(n * d);
    noise.fill(kind, values);
    return { name, values };
  });
  const feeds = (start: number, size: number) =>
    Object.fromEntries(
      draws.map(({ name, values }) => [
        name,
        tensor(values.subarray(start * d, (start + size) * d), [size, d]),
      ]),
    );
  await using session = await createSession(serialise(graph, 'corruption'));
  return (await runRows(session, rows, ['y'], { feeds })).y;
}

/**
 * Peak signal-to-noise ratios of corrupted test samples, and of what a denoising autoencoder and the best rank of PCA
 * make of them: 10 log₁₀(1 / MSE) in dB, for values in 0..1. `pca` has as many components as are to be tried.
 */
export async function reportDenoising(
  scorer: Scorer,
  pca: Pca,
  encoder: Encoder,
  test: Samples,
  { corruption, corruption_level: level }: Pick<Training, 'corruption' | 'corruption_level'>,
  options: { threads?: number } = {},
): Promise<NonNullable<Report['denoising']>> {
  const clean = await encoder.encode(test.data);
  const size = { n: test.count, d: encoder.encoded };
  const noisy = await corruptRows({ values: clean, ...size }, { corruption, corruption_level: level });
  const psnr = (found: Float32Array) =>
    10 * Math.log10(1 / mean(found.map((value, p) => (value - clean[p]) ** 2)));
  const raw = await encoder.decode(noisy);
  const { reconstruction } = await scorer.run(raw, test.count, ['reconstruction']);
  const found = await encoder.encode(reconstruction);
  let best = { components: 0, psnr: Number.NEGATIVE_INFINITY };
  for (const components of RANKS.filter((rank) => rank <= pca.count)) {
    const rebuilt = await pca.takeLeading(components).reconstruct({ values: noisy, ...size }, options);
    const found = { components, psnr: psnr(rebuilt) };
    if (found.psnr > best.psnr) best = found;
  }
  const own = psnr(found);
  return { corruption, level, psnr_noisy: psnr(noisy), psnr: own, pca: best, gain_db: own - best.psnr };
}

import { Random } from '../kernels/random.ts';

/** Standard deviation of the first axis at the start (Kobak & Berens 2019): far below 1, the kernel's width. */
const DEVIATION = 1e-4;

/** Noise as a share of {@link DEVIATION}, so that equal points can separate (as in openTSNE). */
const JITTER = 0.01;

/**
 * Computes the starting points: the given coordinates, usually the first two principal components, centred, and scaled
 * so that the first axis has standard deviation 1e-4 and the axes keep their proportions (Kobak & Berens 2019, "The art
 * of using t-SNE for single-cell transcriptomics"). Every call adds the same slight noise.
 *
 * @param initial n × dims, finite
 * @returns n × dims
 */
export function initialise(initial: Float32Array, dims = 2): Float64Array {
  const n = initial.length / dims;
  const mean = new Array<number>(dims).fill(0);
  for (let p = 0; p < initial.length; p++) mean[p % dims] += initial[p] / n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (initial[dims * i] - mean[0]) ** 2 / n;
  const scale = variance > 0 ? DEVIATION / Math.sqrt(variance) : 0;
  const random = new Random(0);
  return Float64Array.from(
    initial,
    (value, p) => (value - mean[p % dims]) * scale + JITTER * DEVIATION * random.normal(),
  );
}

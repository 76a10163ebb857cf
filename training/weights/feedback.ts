import { CholeskyDecomposition, Matrix as Dense } from 'ml-matrix';
import { MAX_COLUMNS, measureMoments } from '../linear/covariance.ts';
import type { Matrix } from '../runtime/rows.ts';
import { type Blocks, roundTo } from './blocks.ts';

/** Added to the second moments, as a share of their mean, so that inputs that are always 0 have weights, too. */
const DAMPING = 0.01;

/** Whether inputs are few enough to account for how they vary together. */
export const canFeedBack = ({ d }: Matrix): boolean => d <= MAX_COLUMNS;

/**
 * Rounds the weights of a product, d × m, so that its results change little: the error of each row of weights is made
 * up for by the rows that follow, as far as their inputs vary together (Frantar, Ashkboos, Hoefler & Alistarh 2023,
 * "GPTQ"; in the form of Chee, Cai, Kuleshov & De Sa 2023, equation 2). `inputs`: n × d samples of what the weights are
 * multiplied with.
 */
export function roundWithFeedback(
  weights: Float32Array,
  { size, scales }: Blocks,
  inputs: Matrix,
): Int8Array {
  const { d } = inputs;
  const m = weights.length / d;
  const factor = factorise(inputs);
  const rounded = new Int8Array(weights.length);
  const errors = new Float64Array(weights.length);
  const wanted = new Float64Array(m);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < m; j++) wanted[j] = weights[i * m + j];
    for (let r = 0; r < i; r++) {
      const share = factor[r * d + i];
      for (let j = 0; j < m; j++) wanted[j] += share * errors[r * m + j];
    }
    for (let j = 0, p = i * m; j < m; j++, p++) {
      const scale = scales[Math.floor(p / size)];
      rounded[p] = roundTo(wanted[j], scale);
      errors[p] = weights[p] - rounded[p] * scale;
    }
  }
  return rounded;
}

/** The upper triangle U, 1 on its diagonal, of E[x xᵀ] = U D Uᵀ: a Cholesky decomposition from the last row on. */
function factorise(inputs: Matrix): Float64Array {
  const { d } = inputs;
  const { mean, covariance } = measureMoments(inputs);
  const moment = (i: number, j: number) => covariance[i * d + j] + mean[i] * mean[j];
  let trace = 0;
  for (let i = 0; i < d; i++) trace += moment(i, i);
  const damping = DAMPING * (trace / d || 1);
  const last = d - 1;
  const reversed = new Dense(d, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) reversed.set(i, j, moment(last - i, last - j) + (i === j ? damping : 0));
  }
  const lower = new CholeskyDecomposition(reversed).lowerTriangularMatrix;
  const upper = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      upper[(last - i) * d + last - j] = lower.get(i, j) / lower.get(j, j);
    }
  }
  return upper;
}

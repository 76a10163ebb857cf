import { CholeskyDecomposition, Matrix as Dense } from 'ml-matrix';
import type { Matrix } from '../runtime/rows.ts';

/** With more columns, decomposing the covariance matrix takes too long; such rows are projected first. */
export const MAX_COLUMNS = 1024;

/** Measures the mean [d] and the covariance [d × d] of rows, in float64, divided by n. */
export function measureMoments({ values, n, d }: Matrix) {
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) mean[j] += values[i * d + j];
  for (let j = 0; j < d; j++) mean[j] /= n;
  const covariance = new Float64Array(d * d);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) row[j] = values[i * d + j] - mean[j];
    for (let j = 0; j < d; j++) {
      for (let k = 0; k <= j; k++) covariance[j * d + k] += row[j] * row[k];
    }
  }
  for (let j = 0; j < d; j++) {
    for (let k = 0; k <= j; k++) {
      covariance[j * d + k] /= n;
      covariance[k * d + j] = covariance[j * d + k];
    }
  }
  return { mean, covariance };
}

/**
 * The inverse of the Cholesky factor L of Σ = L Lᵀ, so that y = L⁻¹ (x − μ) is white, and log |Σ|. Throws a RangeError
 * if Σ (d × d, row-major) is not positive definite.
 */
export function computeWhitening(
  covariance: Float64Array,
  d: number,
): { inverse: Float64Array; logDet: number } {
  const decomposition = new CholeskyDecomposition(Dense.from1DArray(d, d, covariance));
  if (!decomposition.isPositiveDefinite()) throw new RangeError('the covariance is not positive definite');
  const lower = decomposition.lowerTriangularMatrix.to1DArray();
  const inverse = new Float64Array(d * d);
  let logDet = 0;
  for (let i = 0; i < d; i++) {
    logDet += 2 * Math.log(lower[i * d + i]);
    inverse[i * d + i] = 1 / lower[i * d + i];
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= lower[i * d + k] * inverse[k * d + j];
      inverse[i * d + j] = sum / lower[i * d + i];
    }
  }
  return { inverse, logDet };
}

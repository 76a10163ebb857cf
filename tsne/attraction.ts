import type { Affinities } from './affinities.ts';
import { type Space, squaredDistance } from './space.ts';

/**
 * The attractive forces on the points `start` to `end` (exclusive), over the non-zero p_ij only
 * (van der Maaten 2014, eq. 9): F_attr,i = Σ_j p_ij u_ij (y_i − y_j), with u_ij = 1 / (1 + |y_i − y_j|²). The reference of
 * the kernels `attract` and `attract3`.
 *
 * @param y n × dims coordinates
 * @param attraction n × dims, where the forces are written
 */
export function attract(
  { rowStart, column, value }: Affinities,
  y: Float32Array | Float64Array,
  start: number,
  end: number,
  attraction: Float32Array | Float64Array,
  { dims }: Space,
): void {
  attraction.fill(0, dims * start, dims * end);
  for (let i = start; i < end; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) {
      const force = value[e] / (1 + squaredDistance(y, i, column[e], dims));
      for (let axis = 0; axis < dims; axis++) {
        attraction[dims * i + axis] += force * (y[dims * i + axis] - y[dims * column[e] + axis]);
      }
    }
  }
}

/**
 * The part of the points `start` to `end` (exclusive) in the Kullback–Leibler divergence of Q from P, without the
 * normalisation Z of Q: Σ_ij p_ij log(p_ij / w_ij). The divergence is the sum of all parts + log Z
 * (van der Maaten & Hinton 2008, eqs. 2 and 4, with q_ij = w_ij / Z, w_ij = u_ij^dof and Σ p_ij = 1).
 */
export function partialDivergence(
  { rowStart, column, value }: Affinities,
  y: Float32Array | Float64Array,
  start: number,
  end: number,
  { dims, dof }: Space,
): number {
  let sum = 0;
  for (let i = start; i < end; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) {
      if (value[e] === 0) continue;
      const stretch = 1 + squaredDistance(y, i, column[e], dims);
      sum += value[e] * Math.log(value[e] * (dof === 1 ? stretch : stretch ** dof));
    }
  }
  return sum;
}

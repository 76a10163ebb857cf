import type { Affinities } from './affinities.ts';

/**
 * The attractive forces on the points `start` to `end` (exclusive), over the non-zero p_ij only
 * (van der Maaten 2014, eq. 9): F_attr,i = Σ_j p_ij w_ij (y_i − y_j), with w_ij = 1 / (1 + |y_i − y_j|²).
 *
 * @param y n × 2 coordinates
 * @param attraction n × 2, where the forces are written
 */
export function attract(
  { rowStart, column, value }: Affinities,
  y: Float32Array | Float64Array,
  start: number,
  end: number,
  attraction: Float32Array | Float64Array,
): void {
  for (let i = start; i < end; i++) {
    const xi = y[2 * i];
    const yi = y[2 * i + 1];
    const stop = rowStart[i + 1];
    let fx = 0;
    let fy = 0;
    for (let e = rowStart[i]; e < stop; e++) {
      const j = 2 * column[e];
      const dx = xi - y[j];
      const dy = yi - y[j + 1];
      const force = value[e] / (1 + dx * dx + dy * dy);
      fx += force * dx;
      fy += force * dy;
    }
    attraction[2 * i] = fx;
    attraction[2 * i + 1] = fy;
  }
}

/**
 * The part of the points `start` to `end` (exclusive) in the Kullback–Leibler divergence of Q from P, without the
 * normalisation Z of Q: Σ_ij p_ij log(p_ij / w_ij). The divergence is the sum of all parts + log Z
 * (van der Maaten & Hinton 2008, eqs. 2 and 4, with q_ij = w_ij / Z and Σ p_ij = 1).
 */
export function partialDivergence(
  { rowStart, column, value }: Affinities,
  y: Float32Array | Float64Array,
  start: number,
  end: number,
): number {
  let sum = 0;
  for (let i = start; i < end; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) {
      const j = column[e];
      const dx = y[2 * i] - y[2 * j];
      const dy = y[2 * i + 1] - y[2 * j + 1];
      if (value[e] > 0) sum += value[e] * Math.log(value[e] * (1 + dx * dx + dy * dy));
    }
  }
  return sum;
}

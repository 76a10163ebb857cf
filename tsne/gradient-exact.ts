import type { Affinities } from './affinities.ts';

/**
 * The Kullback–Leibler divergence of the map's similarities Q from P and its gradient, as defined (van der
 * Maaten & Hinton 2008, eqs. 2, 4 and 5), over all pairs of points. Slow: the reference for tests of the fast paths.
 *
 *   q_ij = w_ij / Z,  w_ij = 1 / (1 + |y_i − y_j|²),  Z = Σ_{k≠l} w_kl
 *   C = Σ_ij p_ij log(p_ij / q_ij)
 *   ∂C/∂y_i = 4 Σ_j (p_ij − q_ij) w_ij (y_i − y_j)
 *
 * @param y n × 2 coordinates
 * @returns `gradient`: n × 2
 */
export function computeExactGradient(
  p: Affinities,
  y: Float64Array,
): { gradient: Float64Array; klDivergence: number } {
  const n = y.length / 2;
  const similarity = (i: number, j: number) =>
    1 / (1 + (y[2 * i] - y[2 * j]) ** 2 + (y[2 * i + 1] - y[2 * j + 1]) ** 2);
  let z = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (j !== i) z += similarity(i, j);
  const row = new Float64Array(n);
  const gradient = new Float64Array(2 * n);
  let klDivergence = 0;
  for (let i = 0; i < n; i++) {
    row.fill(0);
    for (let e = p.rowStart[i]; e < p.rowStart[i + 1]; e++) row[p.column[e]] = p.value[e];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const w = similarity(i, j);
      const pull = 4 * (row[j] - w / z) * w;
      gradient[2 * i] += pull * (y[2 * i] - y[2 * j]);
      gradient[2 * i + 1] += pull * (y[2 * i + 1] - y[2 * j + 1]);
      if (row[j] > 0) klDivergence += row[j] * Math.log((row[j] * z) / w);
    }
  }
  return { gradient, klDivergence };
}

/**
 * The repulsive forces of all n points on the points `start` to `end` (exclusive), O(n) for each:
 * F_rep,i = Σ_j w_ij² (y_i − y_j), not yet divided by Z (van der Maaten 2014, eq. 9).
 *
 * @param y n × 2 coordinates
 * @param repulsion n × 2, where the forces are written
 * @returns the points' part in Z = Σ_{i≠j} w_ij
 */
export function repelExactly(
  y: Float32Array | Float64Array,
  start: number,
  end: number,
  repulsion: Float32Array | Float64Array,
): number {
  let z = 0;
  for (let i = start; i < end; i++) {
    const xi = y[2 * i];
    const yi = y[2 * i + 1];
    let fx = 0;
    let fy = 0;
    // The point itself is in the sum once, with w = 1 and no force.
    let sum = -1;
    for (let j = 0; j < y.length; j += 2) {
      const dx = xi - y[j];
      const dy = yi - y[j + 1];
      const w = 1 / (1 + dx * dx + dy * dy);
      const force = w * w;
      sum += w;
      fx += force * dx;
      fy += force * dy;
    }
    repulsion[2 * i] = fx;
    repulsion[2 * i + 1] = fy;
    z += sum;
  }
  return z;
}

import type { Affinities } from './affinities.ts';
import { type Space, squaredDistance } from './space.ts';

/**
 * The Kullback–Leibler divergence of the map's similarities Q from P and its gradient, as defined (van der
 * Maaten & Hinton 2008, eqs. 2, 4 and 5; Kobak et al. 2020 for other degrees of freedom α), over all pairs of points. Slow:
 * the reference for tests of the fast paths.
 *
 *   q_ij = w_ij / Z,  w_ij = u_ij^α,  u_ij = 1 / (1 + |y_i − y_j|²),  Z = Σ_{k≠l} w_kl
 *   C = Σ_ij p_ij log(p_ij / q_ij)
 *   ∂C/∂y_i = 4 α Σ_j (p_ij − q_ij) u_ij (y_i − y_j)
 *
 * @param y n × dims coordinates
 * @returns `gradient`: n × dims
 */
export function computeExactGradient(
  p: Affinities,
  y: Float64Array,
  { dims, dof }: Space,
): { gradient: Float64Array; klDivergence: number } {
  const n = y.length / dims;
  const similarity = (i: number, j: number) => 1 / (1 + squaredDistance(y, i, j, dims));
  let z = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (j !== i) z += similarity(i, j) ** dof;
  const row = new Float64Array(n);
  const gradient = new Float64Array(dims * n);
  let klDivergence = 0;
  for (let i = 0; i < n; i++) {
    row.fill(0);
    for (let e = p.rowStart[i]; e < p.rowStart[i + 1]; e++) row[p.column[e]] = p.value[e];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const u = similarity(i, j);
      const w = u ** dof;
      const pull = 4 * dof * (row[j] - w / z) * u;
      for (let axis = 0; axis < dims; axis++) {
        gradient[dims * i + axis] += pull * (y[dims * i + axis] - y[dims * j + axis]);
      }
      if (row[j] > 0) klDivergence += row[j] * Math.log((row[j] * z) / w);
    }
  }
  return { gradient, klDivergence };
}

/**
 * The repulsive forces of all n points on the points `start` to `end` (exclusive), O(n) for each:
 * F_rep,i = Σ_j w_ij u_ij (y_i − y_j), not yet divided by Z (van der Maaten 2014, eq. 9).
 *
 * @param y n × dims coordinates
 * @param repulsion n × dims, where the forces are written
 * @returns the points' part in Z = Σ_{i≠j} w_ij
 */
export function repelExactly(
  y: Float32Array | Float64Array,
  start: number,
  end: number,
  repulsion: Float32Array | Float64Array,
  { dims, dof }: Space,
): number {
  let z = 0;
  for (let i = start; i < end; i++) {
    const xi = y[dims * i];
    const yi = y[dims * i + 1];
    const zi = dims === 3 ? y[dims * i + 2] : 0;
    let [fx, fy, fz] = [0, 0, 0];
    // The point itself is in the sum once, with w = 1 and no force.
    let sum = -1;
    for (let j = 0; j < y.length; j += dims) {
      const dx = xi - y[j];
      const dy = yi - y[j + 1];
      const dz = dims === 3 ? zi - y[j + 2] : 0;
      const u = 1 / (1 + dx * dx + dy * dy + dz * dz);
      const w = dof === 1 ? u : u ** dof;
      const force = w * u;
      sum += w;
      fx += force * dx;
      fy += force * dy;
      fz += force * dz;
    }
    repulsion[dims * i] = fx;
    repulsion[dims * i + 1] = fy;
    if (dims === 3) repulsion[dims * i + 2] = fz;
    z += sum;
  }
  return z;
}

/** Distances from each of n points to its k nearest others, n × k, nearest first. */
interface Distances {
  readonly k: number;
  readonly distances: Float32Array;
}

/** The share of the ratios, the largest ones, that the fit leaves out (Facco et al. 2017, methods). */
const DISCARDED = 0.1;

/**
 * TwoNN (Facco, d'Errico, Rodriguez & Laio 2017). In d dimensions, if the density is constant as far as the second
 * neighbour, the ratio μ of the distances to the second and to the first neighbour has the distribution 1 − μ^−d. d is
 * the slope of −log(1 − F(μ)) over log μ through the origin, where F is the empirical distribution. Points that coincide
 * with their neighbour are left out. Throws a RangeError if too few are left.
 */
export function estimateTwoNn({ k, distances }: Distances): number {
  if (k < 2) throw new RangeError(`TwoNN needs two neighbours per point, there is ${k}`);
  const logs: number[] = [];
  for (let p = 0; p < distances.length; p += k) {
    if (distances[p] > 0) logs.push(Math.log(distances[p + 1] / distances[p]));
  }
  logs.sort((a, b) => a - b);
  const kept = Math.floor(logs.length * (1 - DISCARDED));
  let [products, squares] = [0, 0];
  for (let i = 0; i < kept; i++) {
    const y = -Math.log(1 - (i + 1) / logs.length);
    products += logs[i] * y;
    squares += logs[i] ** 2;
  }
  if (!(squares > 0)) throw new RangeError(`TwoNN: ${logs.length} distinct points are too few`);
  return products / squares;
}

/**
 * The maximum-likelihood estimate (Levina & Bickel 2004, equation 8). The neighbours of a point are a Poisson process of
 * rate ∝ r^(d−1), so that the mean of log(T_k / T_j) over j from 1 to k − 1 is 1/d. Inverses are averaged over the
 * points (MacKay & Ghahramani 2005), and the estimates over k, from `from` to the number of neighbours.
 */
export function estimateMaximumLikelihood({ k: most, distances }: Distances, from = 10): number {
  if (!(from >= 2 && from <= most)) {
    throw new RangeError(
      `maximum likelihood from ${from} neighbours: ${most} are known, 2 to ${most} are accepted`,
    );
  }
  const estimates = [];
  for (let k = from; k <= most; k++) {
    let [sum, terms] = [0, 0];
    for (let p = 0; p < distances.length; p += most) {
      const farthest = distances[p + k - 1];
      for (let j = 0; j < k - 1; j++) {
        if (!(distances[p + j] > 0)) continue;
        sum += Math.log(farthest / distances[p + j]);
        terms++;
      }
    }
    estimates.push(terms / sum);
  }
  return estimates.reduce((a, b) => a + b, 0) / estimates.length;
}

import type { Neighbours } from '../../tsne/tsne.ts';

/**
 * Leave-one-out accuracy of the k-nearest-neighbours classifier on labelled points: the share of points
 * whose label is the commonest among their k nearest others (Euclidean). Of labels that are equally common,
 * that of the nearer neighbour wins; of points equally near, that with the lower index is nearer.
 * Brute force, O(n² × d).
 *
 * @param points n × d, row-major
 * @param labels n, from 0
 * @throws RangeError if the lengths do not fit, or k is not 1 to n - 1
 */
export function knnAccuracy(
  points: Float32Array,
  n: number,
  d: number,
  labels: Uint8Array | Int32Array,
  k = 10,
): number {
  if (points.length !== n * d)
    throw new RangeError(`points has ${points.length} values: ${n} × ${d} are accepted`);
  if (labels.length !== n) throw new RangeError(`labels has ${labels.length} values: ${n} are accepted`);
  if (!Number.isInteger(k) || k < 1 || k >= n) {
    throw new RangeError(`k is ${k}: 1 to ${n - 1} is accepted for ${n} points`);
  }
  const nearest = new Int32Array(k);
  const squared = new Float64Array(k);
  const votes = new Int32Array(classes(labels));
  let right = 0;
  for (let i = 0; i < n; i++) {
    squared.fill(Number.POSITIVE_INFINITY);
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      let sum = 0;
      for (let a = i * d, b = j * d; a < (i + 1) * d; a++, b++) sum += (points[a] - points[b]) ** 2;
      if (!(sum < squared[k - 1])) continue;
      let slot = k - 1;
      for (; slot > 0 && squared[slot - 1] > sum; slot--) {
        squared[slot] = squared[slot - 1];
        nearest[slot] = nearest[slot - 1];
      }
      squared[slot] = sum;
      nearest[slot] = j;
    }
    if (elected(nearest, labels, votes) === labels[i]) right++;
  }
  return right / n;
}

/** As {@link knnAccuracy}, of points whose neighbours are known already. At least k of each are needed. */
export function neighbourAccuracy(neighbours: Neighbours, labels: Uint8Array | Int32Array, k = 10): number {
  if (neighbours.k < k) throw new RangeError(`k is ${k}: 1 to ${neighbours.k} neighbours are known`);
  const votes = new Int32Array(classes(labels));
  let right = 0;
  for (let i = 0; i < labels.length; i++) {
    const nearest = neighbours.indices.subarray(i * neighbours.k, i * neighbours.k + k);
    if (elected(nearest, labels, votes) === labels[i]) right++;
  }
  return right / labels.length;
}

/** The commonest label among the nearest, of equally common ones that of the nearer. */
function elected(nearest: Int32Array, labels: Uint8Array | Int32Array, votes: Int32Array): number {
  votes.fill(0);
  for (const j of nearest) votes[labels[j]]++;
  let winner = labels[nearest[0]];
  for (const j of nearest) if (votes[labels[j]] > votes[winner]) winner = labels[j];
  return winner;
}

function classes(labels: Uint8Array | Int32Array): number {
  let most = 0;
  for (const label of labels) most = Math.max(most, label + 1);
  return most;
}

import type { Neighbours } from '../../tsne/tsne.ts';

/** The most common label among rows, nearest first. If labels tie, that of the nearer row wins. */
export function voteLabel(rows: Int32Array, labels: ArrayLike<number>, votes: Int32Array): number {
  votes.fill(0);
  for (const row of rows) votes[labels[row]]++;
  let winner = labels[rows[0]];
  for (const row of rows) if (votes[labels[row]] > votes[winner]) winner = labels[row];
  return winner;
}

/**
 * Leave-one-out accuracy of the k-nearest-neighbours classifier: the share of points whose k nearest neighbours vote
 * for their label.
 *
 * @param neighbours of every point, at least k of each
 * @param labels one for each point, from 0
 * @param among measures the first of the points only, by their neighbours among all; by default all points
 * @throws RangeError if fewer than k neighbours are known
 */
export function measureVotes(
  neighbours: Neighbours,
  labels: Uint8Array | Int32Array,
  k: number,
  among = labels.length,
): number {
  if (!(k >= 1 && k <= neighbours.k)) {
    throw new RangeError(`k is ${k}: 1 to ${neighbours.k} neighbours are known`);
  }
  if (labels.length * neighbours.k !== neighbours.indices.length) {
    throw new RangeError(
      `there are ${labels.length} labels for ${neighbours.indices.length / neighbours.k} points`,
    );
  }
  let classes = 0;
  for (const label of labels) classes = Math.max(classes, label + 1);
  const votes = new Int32Array(classes);
  let right = 0;
  for (let i = 0; i < among; i++) {
    const nearest = neighbours.indices.subarray(i * neighbours.k, i * neighbours.k + k);
    if (voteLabel(nearest, labels, votes) === labels[i]) right++;
  }
  return right / among;
}

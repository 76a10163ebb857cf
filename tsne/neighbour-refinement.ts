import type { Kernels } from '../kernels/kernels.ts';
import { LEAF } from './leaves.ts';
import { pitchOf, type Refinement, ROUNDS, SAMPLED, type SearchJob, type Work } from './search-job.ts';
import type { PoolThread } from './worker-pool.ts';

/** Leaves that an approximate search visits from each leaf, the nearest by centre. */
const VISITS = 48;

/** The nearest neighbours of the nearest neighbours that a round looks at. */
const BREADTH = 32;

/**
 * Finds most of the neighbours: those in the nearest leaves, then, in rounds, better ones among the neighbours of neighbours (Dong,
 * Moses & Li 2011, "Efficient k-nearest neighbor graph construction"). A round reads what the last one wrote, so the result does not
 * depend on the number of threads. Then it measures the recall.
 *
 * @param search finds the neighbours of a leaf's rows in this many leaves, and leaves them in the thread's work
 */
export function refineNeighbours(
  job: SearchJob,
  refinement: Refinement,
  kernels: Kernels,
  pool: PoolThread,
  thread: number,
  search: (leaf: number, visits: number) => void,
): void {
  const { k, order, indices, rows } = job;
  const { n } = rows;
  const { graph, rank, seen, recall } = refinement;
  const { places, best }: Work = job.work[thread]!;
  const leaves = job.leaves.radius.length;
  const endOf = (leaf: number) => Math.min(n, (leaf + 1) * LEAF);
  const visits = Math.max(VISITS, Math.ceil(k / LEAF) + 2);
  const searched = pool.forEachBlock(leaves, (leaf) => {
    search(leaf, visits);
    for (let at = leaf * LEAF; at < endOf(leaf); at++) {
      const row = order[at]!;
      const slot = (at % LEAF) * k;
      rank[row] = at;
      graph.set(places.subarray(slot, slot + k), row * k);
    }
  });
  if (!searched) return;
  for (let round = 0; round < ROUNDS; round++) {
    const copied =
      round === 0 ||
      pool.forEachBlock(leaves, (leaf) => {
        const part = [leaf * LEAF * k, endOf(leaf) * k] as const;
        graph.set(indices.subarray(...part), part[0]);
      });
    if (!copied) return;
    const refined = pool.forEachBlock(leaves, (leaf) => {
      for (let at = leaf * LEAF; at < endOf(leaf); at++) {
        const row = order[at]!;
        kernels.refineRow(
          at,
          order.byteOffset,
          rank.byteOffset,
          job.values.byteOffset,
          pitchOf(rows.d),
          graph.byteOffset,
          k,
          Math.min(BREADTH, k),
          round * n + row + 1,
          seen[thread]!.byteOffset,
          best.byteOffset,
          places.byteOffset,
        );
        indices.set(places.subarray(0, k), row * k);
        if (round < ROUNDS - 1) continue;
        for (let slot = 0; slot < k; slot++) job.distances[row * k + slot] = Math.sqrt(best[slot]!);
      }
    });
    if (!refined) return;
  }
  pool.forEachBlock(SAMPLED, (sample) => {
    const leaf = Math.floor((sample * leaves) / SAMPLED);
    search(leaf, leaves);
    for (let at = leaf * LEAF; at < endOf(leaf); at++) {
      const row = order[at]!;
      const found = new Set(indices.subarray(row * k, (row + 1) * k));
      for (let slot = (at % LEAF) * k, end = slot + k; slot < end; slot++) {
        recall[2 * sample] += Number(found.has(places[slot]!));
        recall[2 * sample + 1]++;
      }
    }
  });
}

/** The share of the true neighbours that has been found, of the rows in the sampled leaves. */
export function measureRecall({ recall }: Refinement): number {
  let [found, all] = [0, 0];
  for (let sample = 0; sample < SAMPLED; sample++) {
    found += recall[2 * sample]!;
    all += recall[2 * sample + 1]!;
  }
  return found / all;
}

import type { Neighbours } from '../../tsne/tsne.ts';

/** A piece counts as large if it has at least this share of its class. */
const LARGE = 0.1;

/**
 * Counts the large pieces of each class on a map: the connected components of its nearest-neighbour graph, with edges
 * within a class only, that hold at least a tenth of the class.
 *
 * @param neighbours the k nearest neighbours of each of the n points on the map, n × k
 */
export function countLargePieces(
  { k, indices }: Pick<Neighbours, 'k' | 'indices'>,
  labels: Uint8Array,
  classes: number,
): number[] {
  const n = labels.length;
  if (indices.length !== n * k) throw new RangeError(`${indices.length} neighbours are not ${n} × ${k}`);
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const findRoot = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  for (let i = 0; i < n; i++) {
    for (let slot = i * k; slot < (i + 1) * k; slot++) {
      const j = indices[slot];
      if (labels[i] === labels[j]) parent[findRoot(i)] = findRoot(j);
    }
  }
  const sizes = new Map<number, number>();
  const totals = new Array<number>(classes).fill(0);
  for (let i = 0; i < n; i++) {
    totals[labels[i]]++;
    sizes.set(findRoot(i), (sizes.get(findRoot(i)) ?? 0) + 1);
  }
  const pieces = new Array<number>(classes).fill(0);
  for (const [at, size] of sizes) if (size >= LARGE * totals[labels[at]]) pieces[labels[at]]++;
  return pieces;
}

import type { Neighbours } from '../../tsne/tsne.ts';

/** A piece of a class counts from this share of it on. */
const LARGE = 0.1;

/**
 * How many large pieces each class is in on a map: the connected components of the graph of nearest
 * neighbours, of edges within the class, that hold at least a tenth of it.
 *
 * @param neighbours of the n points of the map, by their places on it
 */
export function largePieces(
  { k, indices }: Pick<Neighbours, 'k' | 'indices'>,
  labels: Uint8Array,
  classes: number,
): number[] {
  const n = labels.length;
  if (indices.length !== n * k) throw new RangeError(`${indices.length} neighbours are not ${n} × ${k}`);
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const root = (i: number): number => {
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
      if (labels[i] === labels[j]) parent[root(i)] = root(j);
    }
  }
  const sizes = new Map<number, number>();
  const totals = new Array<number>(classes).fill(0);
  for (let i = 0; i < n; i++) {
    totals[labels[i]]++;
    sizes.set(root(i), (sizes.get(root(i)) ?? 0) + 1);
  }
  const pieces = new Array<number>(classes).fill(0);
  for (const [at, size] of sizes) if (size >= LARGE * totals[labels[at]]) pieces[labels[at]]++;
  return pieces;
}

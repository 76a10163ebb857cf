import type { Neighbours } from '../../tsne/tsne.ts';

/** A piece counts as large if it has at least this share of its class. */
const LARGE = 0.1;

/** A map's nearest neighbours, n × k. */
type Graph = Pick<Neighbours, 'k' | 'indices'>;

/**
 * The pieces of each class on a map: the connected components of its nearest-neighbour graph, with edges within a class only.
 * Each is a list of points; the largest comes first.
 */
export function findPieces({ k, indices }: Graph, labels: Uint8Array, classes: number): number[][][] {
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
  const pieces = Array.from({ length: classes }, () => new Map<number, number[]>());
  for (let i = 0; i < n; i++) {
    const own = pieces[labels[i]];
    const piece = own.get(findRoot(i));
    if (piece) piece.push(i);
    else own.set(findRoot(i), [i]);
  }
  return pieces.map((own) => [...own.values()].sort((a, b) => b.length - a.length));
}

/** The pieces of a class that hold at least a tenth of it. */
export function takeLarge(pieces: readonly number[][]): number[][] {
  const whole = pieces.reduce((sum, { length }) => sum + length, 0);
  return pieces.filter(({ length }) => length >= LARGE * whole);
}

import { CodeIndex } from '../../bundle/codes.ts';
import type { PlacementError } from '../../bundle/report.ts';
import { FixedMap } from '../../tsne/fixed-map.ts';
import { boundsOf } from '../../tsne/grid.ts';
import type { Neighbours } from '../../tsne/tsne.ts';

/** Points that are placed again, at most. */
const SAMPLED = 500;

/**
 * How far the places that the edge gives new samples, weighted means of their neighbours' places, are from those by t-SNE with all other
 * points fixed: measured on up to 500 points of `codes.bin`, evenly spaced, as if each were new. Distances are in units of the
 * map's extent.
 *
 * @param codes `codes.bin`: the first points of the map
 * @param embedding n × 2
 * @param neighbours of each point among the others
 */
export function measurePlacement(
  codes: Uint8Array,
  embedding: Float32Array,
  neighbours: Neighbours,
  perplexity: number,
): PlacementError {
  const index = new CodeIndex(codes);
  const n = index.count;
  const { k } = neighbours;
  const count = Math.min(n, SAMPLED);
  const sampled = Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
  const [indices, distances] = [new Int32Array(count * k), new Float32Array(count * k)];
  for (const [at, i] of sampled.entries()) {
    indices.set(neighbours.indices.subarray(i * k, (i + 1) * k), at * k);
    distances.set(neighbours.distances.subarray(i * k, (i + 1) * k), at * k);
  }
  const placed = new FixedMap(embedding).place({ k, indices, distances }, { perplexity });
  const extent = boundsOf(embedding, 2).extent || 1;
  const away = sampled.map((i, at) => {
    const { x, y } = index.place(index.codeOf(i), i);
    return Math.hypot(x - placed[2 * at], y - placed[2 * at + 1]) / extent;
  });
  away.sort((a, b) => a - b);
  return { points: count, median: away[Math.floor(count / 2)], p90: away[Math.floor(0.9 * count)] };
}

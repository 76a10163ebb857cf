import { cellAt, type Density } from './density.ts';

/** Groups of points that lie together on the map, the largest first. */
export interface Clusters {
  /** Each point's cluster, or -1. */
  codes: Int16Array;
  /** Where each cluster is densest, in map units. */
  places: { x: number; y: number }[];
}

/** A hill is one of its own if the way to a higher one leads below this share of its height. */
const SADDLE = 0.6;
/** Cells with less than this share of the largest density belong to no cluster. */
const FLOOR = 0.01;
/** The smallest cluster, as a share of all points, and how many there are at most. */
const SMALLEST = 0.015;
const MOST = 12;

/**
 * The hills of a map's density. From the densest cell down, each cell joins the highest hill that it touches; where two
 * hills meet, the lower one becomes a part of the other unless it stands out (a watershed that keeps the peaks of high
 * prominence).
 */
export function findClusters(
  density: Density,
  x: Float32Array,
  y: Float32Array,
  shown: Uint8Array,
): Clusters {
  const { values, columns, left, bottom, cell } = density;
  const order = Array.from(values.keys())
    .filter((at) => values[at]! > 0)
    .sort((a, b) => values[b]! - values[a]!);
  const floor = FLOOR * (values[order[0] ?? 0] ?? 0);
  /** The hill that each cell is a part of, by its peak; -1 for none so far. */
  const parent = new Int32Array(values.length).fill(-1);
  const peakOf = (at: number): number => {
    let peak = at;
    while (parent[peak] !== peak) peak = parent[peak]!;
    parent[at] = peak;
    return peak;
  };
  for (const at of order) {
    if (values[at]! < floor) break;
    const near = [-columns - 1, -columns, -columns + 1, -1, 1, columns - 1, columns, columns + 1]
      .map((step) => at + step)
      .filter((other) => (parent[other] ?? -1) >= 0)
      .map(peakOf)
      .sort((a, b) => values[b]! - values[a]!);
    const highest = near[0] ?? at;
    parent[at] = highest;
    for (const peak of near) if (values[at]! > SADDLE * values[peak]!) parent[peak] = highest;
  }
  const peaks = Int32Array.from(x, (_, i) => {
    const at = cellAt(density, x[i]!, y[i]!);
    return shown[i] && parent[at]! >= 0 ? peakOf(at) : -1;
  });
  const counts = new Map<number, number>();
  for (const peak of peaks) if (peak >= 0) counts.set(peak, (counts.get(peak) ?? 0) + 1);
  const kept = [...counts]
    .filter(([, count]) => count >= SMALLEST * x.length)
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST)
    .map(([peak]) => peak);
  const codes = new Map(kept.map((peak, code) => [peak, code]));
  return {
    codes: Int16Array.from(peaks, (peak) => codes.get(peak) ?? -1),
    places: kept.map((peak) => ({
      x: left + (0.5 + (peak % columns)) * cell,
      y: bottom + (0.5 + Math.floor(peak / columns)) * cell,
    })),
  };
}

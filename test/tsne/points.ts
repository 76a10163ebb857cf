import { Random } from '../../kernels/random.ts';
import type { Affinities } from '../../tsne/affinities.ts';
import type { Neighbours } from '../../tsne/tsne.ts';

/** n points with d dimensions in equal, well separated Gaussian clusters; point i is in cluster i % clusters. */
export function gaussianMixture(n: number, d: number, clusters: number, seed: number) {
  const random = new Random(seed);
  const centres = Float32Array.from({ length: clusters * d }, () => 8 * random.normal());
  const labels = Uint8Array.from({ length: n }, (_, i) => i % clusters);
  const points = Float32Array.from(
    { length: n * d },
    (_, p) => centres[labels[Math.floor(p / d)] * d + (p % d)] + random.normal(),
  );
  return { points, labels };
}

/** The k nearest neighbours by sorting all distances, ties by index. */
export function findNeighboursByDefinition(
  points: Float32Array,
  n: number,
  d: number,
  k: number,
): Neighbours {
  const indices = new Int32Array(n * k);
  const distances = new Float32Array(n * k);
  for (let i = 0; i < n; i++) {
    const others = Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (points[i * d + c] - points[j * d + c]) ** 2;
      return { j, distance: Math.sqrt(sum) };
    }).filter(({ j }) => j !== i);
    others.sort((a, b) => a.distance - b.distance || a.j - b.j);
    for (let slot = 0; slot < k; slot++) {
      indices[i * k + slot] = others[slot].j;
      distances[i * k + slot] = others[slot].distance;
    }
  }
  return { k, indices, distances };
}

/** The first dimensions of each point, n × dims. */
export function firstAxes(points: Float32Array, n: number, d: number, dims: number): Float32Array {
  return Float32Array.from({ length: dims * n }, (_, p) => points[Math.floor(p / dims) * d + (p % dims)]);
}

/** Points on a map of the given extent, n × dims, half of them in tight clusters. */
export function scatterPoints(n: number, extent: number, seed: number, dims = 2): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: dims * n }, (_, p) => {
    const cluster = Math.floor(p / dims) % 6;
    const wide = extent * (random.uniform() - 0.5);
    return cluster < 3 ? wide : extent * 0.1 * (cluster - 4 + (p % dims)) + 0.01 * wide;
  });
}

/** Points in a dozen round clusters on a map of the given extent, n × dims, as t-SNE places them. */
export function clusterPoints(n: number, extent: number, seed: number, dims = 2): Float64Array {
  const random = new Random(seed);
  const centres = Float64Array.from({ length: 12 * dims }, () => 0.8 * extent * (random.uniform() - 0.5));
  return Float64Array.from(
    { length: dims * n },
    (_, p) => centres[dims * (Math.floor(p / dims) % 12) + (p % dims)] + 0.06 * extent * random.normal(),
  );
}

/** A random symmetric P of n points, with about a third of its pairs above zero. */
export function randomAffinities(n: number, seed: number): Affinities {
  const random = new Random(seed);
  const dense = new Float64Array(n * n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const p = random.uniform() < 0.3 ? random.uniform() : 0;
      dense[i * n + j] = p;
      dense[j * n + i] = p;
      sum += 2 * p;
    }
  }
  const rowStart = [0];
  const column: number[] = [];
  const value: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (dense[i * n + j] === 0) continue;
      column.push(j);
      value.push(dense[i * n + j] / sum);
    }
    rowStart.push(column.length);
  }
  return {
    rowStart: Int32Array.from(rowStart),
    column: Int32Array.from(column),
    value: Float32Array.from(value),
  };
}

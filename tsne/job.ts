import type { Affinities } from './affinities.ts';
import type { Coordinates } from './optimiser.ts';
import type { Quadtree } from './quadtree.ts';

/** Points in a block, the unit of work for a thread. */
const BLOCK_POINTS = 128;

/** The settings of a run, without options that only the main thread needs. */
export interface Settings {
  readonly perplexity: number;
  readonly iterations: number;
  readonly exaggeration: number;
  readonly learningRate: number;
  readonly gradient: 'barnes-hut' | 'exact';
  readonly theta: number;
}

/** The data of a run: arrays in shared memory, for n points with k neighbours each. */
export interface Job {
  readonly settings: Settings;
  readonly n: number;
  readonly k: number;
  readonly blocks: number;
  /** n × k */
  readonly indices: Int32Array;
  /** n × k */
  readonly distances: Float32Array;
  /** n × k */
  readonly conditional: Float64Array;
  readonly joint: Affinities;
  readonly coordinates: Coordinates;
  readonly tree: Quadtree;
  /** A partial sum from each block, added in the order of the blocks, whichever thread computed them. */
  readonly partial: Float64Array;
}

/** Allocates a job whose points start at `y` (n × 2). */
export function createJob(
  settings: Settings,
  neighbours: { k: number; indices: Int32Array; distances: Float32Array },
  y: Float64Array,
): Job {
  const { k, indices, distances } = neighbours;
  const n = y.length / 2;
  const blocks = Math.ceil(n / BLOCK_POINTS);
  const job: Job = {
    settings,
    n,
    k,
    blocks,
    indices: int32(n * k),
    distances: float32(n * k),
    conditional: float64(n * k),
    joint: { rowStart: int32(n + 1), column: int32(2 * n * k), value: float32(2 * n * k) },
    coordinates: {
      y: float64(2 * n),
      velocity: float64(2 * n),
      gain: float64(2 * n).fill(1),
      attraction: float64(2 * n),
      repulsion: float64(2 * n),
    },
    tree: {
      size: int32(1),
      order: int32(n),
      sorted: float64(2 * n),
      mass: float64(8 * n),
      links: int32(8 * n),
    },
    partial: float64(blocks),
  };
  job.indices.set(indices);
  job.distances.set(distances);
  job.coordinates.y.set(y);
  return job;
}

/** The first point of a block. A block ends where the next one starts. */
export const blockStart = (job: Job, block: number): number => Math.min(job.n, block * BLOCK_POINTS);

const int32 = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
const float32 = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
const float64 = (length: number) => new Float64Array(new SharedArrayBuffer(8 * length));

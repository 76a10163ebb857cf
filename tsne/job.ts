import { KernelMemory } from '../kernels/kernels.ts';
import type { Affinities } from './affinities.ts';
import { createTraversal, traversalBytes } from './gradient-barnes-hut.ts';
import { createGrid, createWork, type Grid, gridBytes } from './grid.ts';
import type { Coordinates } from './optimiser.ts';
import { float64, int32, toShared } from './shared-arrays.ts';
import type { Space } from './space.ts';
import { createTree, type Tree, treeBytes } from './tree.ts';
import type { Gradient } from './types.ts';

/** Points in a block, the unit of work for a thread. */
const BLOCK_POINTS = 128;

/** The settings of a run, without options that only the main thread needs. */
export interface Settings extends Space {
  /** None for uniform affinities. */
  readonly perplexities: readonly number[];
  readonly iterations: number;
  readonly earlyIterations: number;
  readonly exaggeration: number;
  readonly lateExaggeration: number;
  readonly tolerance: number;
  readonly learningRate: number;
  readonly gradient: Gradient | 'auto';
  readonly theta: number;
}

/** The data of a run: arrays in shared memory, for n points with k neighbours each. */
export interface Job {
  readonly settings: Settings;
  /** Iterations after which the map is wanted, each time; 0 for never. */
  readonly every: number;
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
  readonly tree: Tree;
  readonly grid: Grid;
  /** What each thread works with, on the grid and in the tree. */
  readonly work: readonly Float32Array[];
  readonly traversals: readonly Float32Array[];
  /** The memory of the kernels, with P, the coordinates and forces, and the grid. */
  readonly memory: WebAssembly.Memory;
  /** A partial sum from each block, added in the order of the blocks, whichever thread computed them. */
  readonly partial: Float64Array;
  /** How the repulsive forces of this iteration are computed: a place in GRADIENTS. */
  readonly method: Int32Array;
  /** [0]: 1 once nothing moves. */
  readonly settled: Int32Array;
}

/** Blocks of n points. */
export const countBlocks = (n: number): number => Math.ceil(n / BLOCK_POINTS);

/** The bytes that a map of n points with k neighbours each takes in the memory of the kernels, which is bounded. */
export const mapBytes = (n: number, k: number, dims: number, threads: number): number =>
  4 * (n + 1 + 4 * n * k + 3 * dims * n) +
  64 * 6 +
  gridBytes(n, threads, dims) +
  treeBytes(n) +
  traversalBytes(threads);

/** Allocates a job for some threads, whose points start at `y` (n × dims). */
export function createJob(
  settings: Settings,
  neighbours: { k: number; indices: Int32Array; distances: Float32Array },
  y: Float64Array,
  threads: number,
  every = 0,
): Job {
  const { k, indices, distances } = neighbours;
  const c = y.length;
  const n = c / settings.dims;
  const blocks = countBlocks(n);
  const entries = 2 * n * k;
  const memory = new KernelMemory(mapBytes(n, k, settings.dims, threads));
  const job: Job = {
    settings,
    every,
    n,
    k,
    blocks,
    indices: toShared(indices),
    distances: toShared(distances),
    conditional: float64(n * k),
    joint: { rowStart: memory.i32(n + 1), column: memory.i32(entries), value: memory.f32(entries) },
    coordinates: {
      y: memory.f32(c),
      velocity: float64(c),
      gain: float64(c).fill(1),
      attraction: memory.f32(c),
      repulsion: memory.f32(c),
    },
    tree: createTree(memory, n),
    grid: createGrid(memory, n, settings.dims),
    work: Array.from({ length: threads }, () => createWork(memory, n, settings.dims)),
    traversals: Array.from({ length: threads }, () => createTraversal(memory)),
    memory: memory.memory,
    partial: float64(blocks),
    method: int32(1),
    settled: int32(1),
  };
  job.coordinates.y.set(y);
  return job;
}

/** The first point of a block. A block ends where the next one starts. */
export const blockStart = (job: Job, block: number): number => Math.min(job.n, block * BLOCK_POINTS);

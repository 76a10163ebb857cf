import { KernelMemory, type Kernels, loadKernels } from '../kernels/kernels.ts';
import type { Rows } from './axes.ts';
import { LEAF, type Leaves, leastDistance, orderPoints, PANEL, Visits } from './leaves.ts';
import { type Projection, project } from './projection.ts';
import { float32, int32 } from './shared-arrays.ts';
import type { PoolThread } from './worker-pool.ts';

/** Points whose coordinates a thread computes at a time. */
const BLOCK_POINTS = 256;

/** Bytes for the work of a thread, in addition to its heaps. */
const PADDING = 4096;

/** A search for the k nearest neighbours of each row among the others, in shared memory. */
export interface SearchJob {
  readonly rows: Rows;
  readonly k: number;
  readonly projection: Projection;
  /** n × k, the result */
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  /** n × width */
  readonly coordinates: Float32Array;
  readonly leaves: Leaves;
  /** The memory of the kernels, with the arrays below. */
  readonly memory: WebAssembly.Memory;
  /** The rows in the order of the leaves. */
  readonly order: Int32Array;
  /** The coordinates in that order, in panels of 8 rows: leaves × 64 × width. */
  readonly panels: Float32Array;
  /** Half the square of each norm; NaN after the last row. */
  readonly halves: Float32Array;
  /** The rows in that order, each filled up to a multiple of 4 values: n × pitch. */
  readonly values: Float32Array;
  /** For each thread, the k best squared distances of a leaf's rows (64 × k), their rows, their number, and limits. */
  readonly work: readonly Work[];
}

interface Work {
  readonly best: Float64Array;
  readonly places: Int32Array;
  readonly counts: Int32Array;
  readonly limits: Float32Array;
}

/** Values of a row in memory. */
const pitchOf = (d: number): number => 4 * Math.ceil(d / 4);

/** Allocates a search of some threads. */
export function createSearch(rows: Rows, k: number, projection: Projection, threads: number): SearchJob {
  const { n, d } = rows;
  const { width } = projection;
  const pitch = pitchOf(d);
  const leaves = Math.ceil(n / LEAF);
  const points = leaves * LEAF;
  const memory = new KernelMemory(
    4 * (2 * points + points * width + points * pitch) +
      threads * (12 * LEAF * k + 8 * LEAF + PADDING) +
      PADDING,
  );
  return {
    rows,
    k,
    projection,
    indices: int32(n * k),
    distances: float32(n * k),
    coordinates: float32(n * width),
    leaves: {
      low: float32(leaves * width),
      high: float32(leaves * width),
      centre: float32(leaves * width),
      radius: float32(leaves),
    },
    memory: memory.memory,
    order: memory.i32(points),
    panels: memory.f32(points * width),
    halves: memory.f32(points),
    values: memory.f32(points * pitch),
    work: Array.from({ length: threads }, () => {
      const best = memory.f32(2 * LEAF * k);
      return {
        best: new Float64Array(best.buffer, best.byteOffset, LEAF * k),
        places: memory.i32(LEAF * k),
        counts: memory.i32(LEAF),
        limits: memory.f32(LEAF),
      };
    }),
  };
}

/** Runs one thread of a search. The result does not depend on the order in which pairs are looked at. */
export function runSearch(job: SearchJob, pool: PoolThread, thread: number): void {
  const { rows, projection, coordinates, order } = job;
  const { n } = rows;
  const leaves = job.leaves.radius.length;
  const blocks = Math.ceil(n / BLOCK_POINTS);
  const projecting = pool.forEachBlock(blocks, (block) => {
    const start = block * BLOCK_POINTS;
    project(rows, projection, start, Math.min(n, start + BLOCK_POINTS), coordinates);
  });
  if (!projecting) return;
  if (thread === 0) orderPoints(coordinates, n, projection.width, order);
  if (!pool.barrier()) return;
  if (!pool.forEachBlock(leaves, (leaf) => packLeaf(job, leaf))) return;
  const kernels = loadKernels(job.memory);
  const visits = new Visits(job.leaves, projection.width);
  pool.forEachBlock(leaves, (leaf) => searchLeaf(job, kernels, visits, job.work[thread]!, leaf));
}

/** Copies the rows of a leaf to where the kernel reads them, and describes the leaf. */
function packLeaf(
  { rows, projection, coordinates, leaves, order, panels, halves, values }: SearchJob,
  leaf: number,
) {
  const { width } = projection;
  const { n, d } = rows;
  const pitch = pitchOf(d);
  const start = leaf * LEAF;
  const box = leaf * width;
  leaves.low.fill(Number.POSITIVE_INFINITY, box, box + width);
  leaves.high.fill(Number.NEGATIVE_INFINITY, box, box + width);
  const size = Math.min(LEAF, n - start);
  for (let r = 0; r < LEAF; r++) {
    const at = start + r;
    if (r >= size) {
      halves[at] = Number.NaN;
      continue;
    }
    const panel = (at - (r % PANEL)) * width + (r % PANEL);
    const row = order[at];
    let square = 0;
    for (let c = 0; c < width; c++) {
      const x = coordinates[row * width + c];
      panels[panel + PANEL * c] = x;
      square += x * x;
      leaves.low[box + c] = Math.min(leaves.low[box + c], x);
      leaves.high[box + c] = Math.max(leaves.high[box + c], x);
      leaves.centre[box + c] += x / size;
    }
    halves[at] = square / 2;
    leaves.radius[leaf] = Math.max(leaves.radius[leaf], Math.sqrt(square) * (1 + 1e-6));
    values.set(rows.values.subarray(row * d, (row + 1) * d), at * pitch);
  }
}

/** Finds the neighbours of the rows of a leaf, in the leaves that can have some, the nearest first. */
function searchLeaf(job: SearchJob, kernels: Kernels, visits: Visits, work: Work, leaf: number): void {
  const { rows, k, projection, leaves, order, panels, halves, values, indices, distances } = job;
  const { width, scale } = projection;
  const pitch = pitchOf(rows.d);
  const sizeOf = (leaf: number) => Math.min(LEAF, rows.n - leaf * LEAF);
  const pointers = (leaf: number): [number, number, number, number, number] => [
    panels.byteOffset + 4 * leaf * LEAF * width,
    halves.byteOffset + 4 * leaf * LEAF,
    values.byteOffset + 4 * leaf * LEAF * pitch,
    order.byteOffset + 4 * leaf * LEAF,
    sizeOf(leaf),
  ];
  const own = pointers(leaf);
  const { best, places, counts, limits } = work;
  counts.fill(0);
  visits.sortFrom(leaf);
  let furthest = Number.POSITIVE_INFINITY;
  for (let place = 0; place < leaves.radius.length; place++) {
    const other = visits.at(place);
    // The slack is for the rounding of the coordinates.
    const reach = leaves.radius[leaf] + leaves.radius[other];
    const slack = 1e-6 * reach * reach + 1e-36;
    if (leastDistance(leaves, leaf, other, width) > scale * scale * furthest + slack) continue;
    furthest = kernels.searchLeaf(
      ...own,
      ...pointers(other),
      leaves.radius[other],
      width,
      pitch,
      scale * scale,
      k,
      best.byteOffset,
      places.byteOffset,
      counts.byteOffset,
      limits.byteOffset,
    );
  }
  for (let r = 0; r < own[4]; r++) {
    kernels.sortNearest(best.byteOffset + 8 * r * k, places.byteOffset + 4 * r * k, k);
    const target = order[leaf * LEAF + r] * k;
    for (let slot = 0; slot < k; slot++) {
      indices[target + slot] = places[r * k + slot];
      distances[target + slot] = Math.sqrt(best[r * k + slot]);
    }
  }
}

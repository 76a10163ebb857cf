import { type Kernels, loadKernels } from '../kernels/kernels.ts';
import { LEAF, leastDistance, orderPoints, PANEL, Visits } from './leaves.ts';
import { refineNeighbours } from './neighbour-refinement.ts';
import { project } from './projection.ts';
import { pitchOf, type SearchJob, type Work } from './search-job.ts';
import type { PoolThread } from './worker-pool.ts';

/** Points whose coordinates a thread computes at a time. */
const BLOCK_POINTS = 256;

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
  const work = job.work[thread]!;
  const search = (leaf: number, most: number) => searchLeaf(job, kernels, visits, work, leaf, most);
  if (job.refinement) {
    refineNeighbours(job, job.refinement, kernels, pool, thread, search);
    return;
  }
  pool.forEachBlock(leaves, (leaf) => {
    search(leaf, leaves);
    keepNeighbours(job, work, leaf);
  });
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

/**
 * Finds the neighbours of the rows of a leaf among those of the `most` nearest leaves, as far as these can have some, and leaves
 * them in `work`, nearest first.
 */
function searchLeaf(
  job: SearchJob,
  kernels: Kernels,
  visits: Visits,
  work: Work,
  leaf: number,
  most: number,
): void {
  const { rows, k, projection, leaves, order, panels, halves, values } = job;
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
  for (let place = 0; place < Math.min(most, leaves.radius.length); place++) {
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
  }
}

/** Copies the neighbours of a leaf's rows to the result. */
function keepNeighbours({ rows, k, order, indices, distances }: SearchJob, work: Work, leaf: number): void {
  const { best, places } = work;
  for (let r = 0, at = leaf * LEAF; r < LEAF && at < rows.n; r++, at++) {
    const target = order[at]! * k;
    for (let slot = 0; slot < k; slot++) {
      indices[target + slot] = places[r * k + slot];
      distances[target + slot] = Math.sqrt(best[r * k + slot]);
    }
  }
}

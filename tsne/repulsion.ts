import { loadKernels } from '../kernels/kernels.ts';
import { BarnesHut } from './gradient-barnes-hut.ts';
import { repelExactly } from './gradient-exact.ts';
import { Interpolation } from './gradient-interpolation.ts';
import { type Bounds, boundsOf, covers, linesFor } from './grid.ts';
import { blockStart, type Job, type Settings } from './job.ts';
import { TreeBuilder } from './tree.ts';
import { GRADIENTS, type Gradient } from './types.ts';
import type { PoolThread } from './worker-pool.ts';

/**
 * What each part of an iteration costs in nanoseconds on one thread, for the choice between methods: only the proportions
 * matter. Fixed, so that the choice depends on the map alone.
 */
const COSTS = {
  plane: { tree: (n: number) => 85 * n * Math.log2(n), pointOnGrid: 110, line: 0.3 },
  // An octree outgrows the caches.
  space: { tree: (n: number) => 20 * n * Math.cbrt(n), pointOnGrid: 300, line: 0.4 },
};

/** The repulsive forces of a map, by the method that its options name or that is fastest for it; one for each thread. */
export class Repulsion {
  readonly #job: Job;
  readonly #interpolation: Interpolation;
  readonly #barnesHut: BarnesHut;
  readonly #builder: TreeBuilder | undefined;

  constructor(job: Job, thread: number) {
    this.#job = job;
    const kernels = loadKernels(job.memory);
    this.#interpolation = new Interpolation(kernels, job.grid, job.work[thread]!, job.settings.dof);
    this.#barnesHut = new BarnesHut(kernels, job.tree, job.traversals[thread]!, job.settings);
    this.#builder = thread === 0 ? new TreeBuilder(job.tree, job.settings.dims) : undefined;
  }

  /** Chooses the method, and does what comes before the blocks: the first thread's part, before the next barrier. */
  prepare(): void {
    if (!this.#builder) return;
    const { n, coordinates, settings, method } = this.#job;
    const { y } = coordinates;
    const bounds = boundsOf(y, settings.dims);
    const gradient = chooseGradient(bounds, n, settings);
    method[0] = GRADIENTS.indexOf(gradient);
    if (gradient === 'barnes-hut') this.#builder.build(y);
    else if (gradient === 'interpolation') this.#interpolation.prepare(y, bounds);
  }

  /** Computes the forces of all points, and writes each block's part in Z to `partial`. False if the pool is stopped. */
  push(pool: PoolThread): boolean {
    const { coordinates, blocks, partial, method, settings } = this.#job;
    const { y, repulsion } = coordinates;
    const gradient = GRADIENTS[method[0]!]!;
    if (gradient === 'interpolation') {
      const grid = this.#interpolation;
      if (!pool.forEachBlock(grid.rowBlocks, (block) => grid.spread(block))) return false;
      if (!pool.forEachBlock(grid.columnBlocks, (block) => grid.convolve(block))) return false;
      if (!pool.forEachBlock(grid.rowBlocks, (block) => grid.restore(block))) return false;
    }
    const repel = {
      interpolation: (start: number, end: number) => this.#interpolation.repel(start, end, repulsion),
      'barnes-hut': (start: number, end: number) => this.#barnesHut.repel(start, end, repulsion),
      exact: (start: number, end: number) => repelExactly(y, start, end, repulsion, settings),
    }[gradient];
    return pool.forEachBlock(blocks, (block) => {
      partial[block] = repel(blockStart(this.#job, block), blockStart(this.#job, block + 1));
    });
  }
}

/** The method of the settings, or the faster of the two approximations. A map that is too wide for the largest grid takes the tree. */
function chooseGradient({ extent }: Bounds, n: number, { gradient, dims, dof }: Settings): Gradient {
  if (gradient === 'exact' || gradient === 'barnes-hut') return gradient;
  if (dof > 1 || !covers(extent, n, dims)) return 'barnes-hut';
  if (gradient === 'interpolation') return gradient;
  const { tree, pointOnGrid, line } = COSTS[dims === 3 ? 'space' : 'plane'];
  const lines = linesFor(extent, n, dims);
  const grid = pointOnGrid * n + line * lines ** dims * Math.log2(lines);
  return grid < tree(n) ? 'interpolation' : 'barnes-hut';
}

import { parentPort, workerData } from 'node:worker_threads';
import { computeConditionalAffinities, computeJointAffinities } from './affinities.ts';
import { attract, partialDivergence } from './attraction.ts';
import { BarnesHut } from './gradient-barnes-hut.ts';
import { repelExactly } from './gradient-exact.ts';
import { blockStart, type Job } from './job.ts';
import { descend, EARLY_ITERATIONS, EARLY_MOMENTUM, LATE_MOMENTUM } from './optimiser.ts';
import { QuadtreeBuilder } from './quadtree.ts';
import { PoolThread, type WorkerContext } from './worker-pool.ts';

/** Iterations from one report to the next. */
const REPORT_EVERY = 50;

/** What the first thread posts after every 50 iterations and after the last. */
export interface Report {
  readonly iteration: number;
  readonly klDivergence: number;
}

/**
 * One thread of t-SNE. In each round the threads take blocks of points until none is left, then wait for each other.
 * The result of a block does not depend on the thread, and sums over blocks are in the order of the blocks, so the
 * embedding has the same bytes for any number of threads. Returns early if the pool is stopped.
 */
function run(job: Job, pool: PoolThread, first: boolean): void {
  const { n, k, blocks, settings, joint, coordinates, tree, partial } = job;
  const { y, attraction, repulsion } = coordinates;
  const barnesHut = settings.gradient === 'barnes-hut' ? new BarnesHut(tree, settings.theta) : undefined;
  const builder = barnesHut && first ? new QuadtreeBuilder(tree) : undefined;
  let z = 1;
  let early = true;

  const condition = (block: number) => {
    const end = blockStart(job, block + 1);
    computeConditionalAffinities(
      job.distances,
      k,
      settings.perplexity,
      blockStart(job, block),
      end,
      job.conditional,
    );
  };
  const diverge = (block: number) => {
    partial[block] = partialDivergence(joint, y, blockStart(job, block), blockStart(job, block + 1));
  };
  const pull = (block: number) => {
    attract(joint, y, blockStart(job, block), blockStart(job, block + 1), attraction);
  };
  const push = (block: number) => {
    const start = blockStart(job, block);
    const end = blockStart(job, block + 1);
    partial[block] = barnesHut
      ? barnesHut.repel(start, end, repulsion)
      : repelExactly(y, start, end, repulsion);
  };
  const step = (block: number) => {
    descend(
      coordinates,
      blockStart(job, block),
      blockStart(job, block + 1),
      z,
      early ? settings.exaggeration : 1,
      early ? EARLY_MOMENTUM : LATE_MOMENTUM,
      settings.learningRate,
    );
  };

  if (!pool.forEachBlock(blocks, condition)) return;
  if (first) computeJointAffinities(job.conditional, job.indices, n, k, joint);
  if (!pool.barrier()) return;

  for (let iteration = 0; ; iteration++) {
    const last = iteration === settings.iterations;
    const reporting = last || (iteration > 0 && iteration % REPORT_EVERY === 0);
    if (reporting && !pool.forEachBlock(blocks, diverge)) return;
    const unnormalised = reporting ? sum(partial) : 0;

    // One thread builds the tree while the others begin with the attraction, then joins them.
    builder?.build(y);
    if (!pool.forEachBlock(blocks, pull)) return;
    if (!pool.forEachBlock(blocks, push)) return;
    z = sum(partial);
    if (reporting && first) {
      parentPort?.postMessage({ iteration, klDivergence: unnormalised + Math.log(z) } satisfies Report);
    }
    if (last) return;
    early = iteration < EARLY_ITERATIONS;
    if (!pool.forEachBlock(blocks, step)) return;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

const { control, threads, thread, ...job } = workerData as Job & WorkerContext;
run(job, new PoolThread({ control, threads, thread }), thread === 0);

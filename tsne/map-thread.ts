import { loadKernels } from '../kernels/kernels.ts';
import { computeJointAffinities, computeMultiscaleAffinities } from './affinities.ts';
import { partialDivergence } from './attraction.ts';
import { blockStart, type Job } from './job.ts';
import { descend, EARLY_MOMENTUM, LATE_MOMENTUM } from './optimiser.ts';
import { Repulsion } from './repulsion.ts';
import type { PoolThread } from './worker-pool.ts';

/** Iterations from one report to the next. */
const REPORT_EVERY = 50;

/** What the first thread posts: the divergence after every 50 iterations and after the last, and the map of a live run after each. */
export type Report =
  | { readonly iteration: number; readonly klDivergence: number }
  | { readonly iteration: number; readonly y: Float32Array };

/**
 * Runs one thread of t-SNE. In each round the threads take blocks of points until none is left, then wait for each other.
 * The result of a block does not depend on the thread, and sums over blocks are in the order of the blocks, so the
 * embedding has the same bytes for any number of threads. Yields after each iteration, and returns early if the pool is stopped.
 */
export function* runMap(
  job: Job,
  pool: PoolThread,
  thread: number,
  post: (report: Report) => void,
): Generator<void, void> {
  const { n, k, blocks, settings, joint, partial } = job;
  const repulsion = new Repulsion(job, thread);
  const first = thread === 0;
  const phase: Phase = { z: 1, early: true };
  const { condition, diverge, pull, step } = createTasks(job, phase);

  if (!pool.forEachBlock(blocks, condition)) return;
  if (first) computeJointAffinities(job.conditional, job.indices, n, k, joint);
  if (!pool.barrier()) return;

  for (let iteration = 0; ; iteration++) {
    const last = iteration === settings.iterations;
    const reporting = last || (iteration > 0 && iteration % REPORT_EVERY === 0);
    if (reporting && !pool.forEachBlock(blocks, diverge)) return;
    const unnormalised = reporting ? sum(partial) : 0;

    // One thread prepares the repulsion while the others begin with the attraction, then joins them.
    repulsion.prepare();
    if (reporting && first && iteration > settings.earlyIterations) checkMotion(job);
    if (!pool.forEachBlock(blocks, pull)) return;
    if (!repulsion.push(pool)) return;
    phase.z = sum(partial);
    if (reporting && first) post({ iteration, klDivergence: unnormalised + Math.log(phase.z) });
    if (last || job.settled[0] === 1) return;
    phase.early = iteration < settings.earlyIterations;
    if (!pool.forEachBlock(blocks, step)) return;
    if (first && (iteration + 1) % job.every === 0) {
      post({ iteration: iteration + 1, y: job.coordinates.y.slice() });
    }
    yield;
  }
}

/** What changes from iteration to iteration. */
interface Phase {
  /** The normalisation of Q. */
  z: number;
  /** Whether early exaggeration and low momentum apply. */
  early: boolean;
}

/** What a thread does with a block in each kind of round. */
function createTasks(job: Job, phase: Phase) {
  const { k, settings, joint, coordinates, distances, conditional, partial } = job;
  const { y, attraction } = coordinates;
  const kernels = loadKernels(job.memory);
  const attract = settings.dims === 3 ? kernels.attract3 : kernels.attract;
  const pull = (start: number, end: number) =>
    attract(
      joint.rowStart.byteOffset,
      joint.column.byteOffset,
      joint.value.byteOffset,
      y.byteOffset,
      start,
      end,
      attraction.byteOffset,
    );
  const onPoints = (task: (start: number, end: number, block: number) => void) => (block: number) =>
    task(blockStart(job, block), blockStart(job, block + 1), block);
  return {
    condition: onPoints((start, end) => {
      const { perplexities } = settings;
      if (perplexities.length === 0) conditional.fill(1 / k, start * k, end * k);
      else computeMultiscaleAffinities(distances, k, perplexities, start, end, conditional);
    }),
    diverge: onPoints((start, end, block) => {
      partial[block] = partialDivergence(joint, y, start, end, settings);
    }),
    pull: onPoints(pull),
    step: onPoints((start, end) => {
      const exaggeration = phase.early ? settings.exaggeration : settings.lateExaggeration;
      const momentum = phase.early ? EARLY_MOMENTUM : LATE_MOMENTUM;
      descend(
        coordinates,
        settings.dims * start,
        settings.dims * end,
        phase.z,
        exaggeration,
        momentum,
        settings.learningRate,
      );
    }),
  };
}

/** Says so if no coordinate has changed in this iteration by more than the tolerance. */
function checkMotion({ settings, coordinates, settled }: Job): void {
  const { y, velocity } = coordinates;
  let [low, high, fastest] = [y[0], y[0], 0];
  for (let c = 0; c < y.length; c++) {
    low = Math.min(low, y[c]);
    high = Math.max(high, y[c]);
    fastest = Math.max(fastest, Math.abs(velocity[c]));
  }
  if (fastest < settings.tolerance * (high - low)) settled[0] = 1;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

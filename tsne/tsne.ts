import { prepareKernels } from '../kernels/kernels.ts';
import { initialise } from './initialisation.ts';
import { countBlocks, createJob } from './job.ts';
import { checkOrder, restoreRows, sortNeighbours, sortRows } from './order.ts';
import type { Space } from './space.ts';
import { defaultThreads, runInThreads } from './threads.ts';
import type { Embedding, Neighbours, TsneOptions } from './types.ts';
import { checkOption, checkPoints, resolveSettings } from './validation.ts';

export type { Embedding, Neighbours, TsneOptions } from './types.ts';

/**
 * t-distributed stochastic neighbour embedding in the plane or in space (van der Maaten & Hinton 2008), accelerated by
 * nearest neighbours (van der Maaten 2014) and a grid or a tree, in worker threads. The same input gives the same
 * bytes, whatever the number of threads.
 *
 * @param neighbours of n ≥ 4 points; k is at least 3 × perplexity
 * @param initial n × dims, such as the first principal components; only their proportions matter
 * @throws RangeError naming the argument or option, if one is not as described here
 */
export async function tsne(
  neighbours: Neighbours,
  initial: Float32Array,
  options: TsneOptions = {},
): Promise<Embedding> {
  const { dims = 2 } = options;
  checkPoints(neighbours, initial, dims);
  const n = initial.length / dims;
  const settings = resolveSettings(options, n, neighbours.k);
  const { threads = defaultThreads(), every = 1, signal, onProgress, onIteration } = options;
  checkOption(Number.isInteger(threads) && threads >= 1, 'threads', threads, 'a whole number from 1');
  checkOption(Number.isInteger(every) && every >= 1, 'every', every, 'a whole number from 1');
  const crew = Math.min(threads, countBlocks(n));
  await prepareKernels();
  const { order } = neighbours;
  if (order) checkOrder(order, n);
  const start = initialise(initial, dims);
  const map = createJob(
    settings,
    order ? sortNeighbours(neighbours, order) : neighbours,
    order ? sortRows(start, order, dims) : start,
    crew,
    onIteration ? every : 0,
  );
  const placesOf = (y: Float32Array) => {
    const centred = centreMap(y, settings);
    return order ? restoreRows(centred, order, dims) : centred;
  };
  const klDivergence: Embedding['klDivergence'] = [];
  await runInThreads(
    { map },
    {
      threads: crew,
      signal,
      onMessage(report) {
        const { iteration } = report;
        if ('y' in report) return onIteration?.(placesOf(report.y), iteration);
        const { klDivergence: value } = report;
        klDivergence.push({ iteration, value });
        onProgress?.({ iteration, iterations: settings.iterations, klDivergence: value });
      },
    },
  );
  return { embedding: placesOf(map.coordinates.y), klDivergence };
}

/**
 * Moves the mean of the points to zero: the cost does not depend on it, so it drifts. Distances, which are in units of √dof so
 * far, become absolute.
 */
function centreMap(y: Float32Array, { dims, dof }: Space): Float32Array {
  const mean = new Array<number>(dims).fill(0);
  for (let p = 0; p < y.length; p++) mean[p % dims] += (y[p] * dims) / y.length;
  return Float32Array.from(y, (value, p) => (value - mean[p % dims]) * Math.sqrt(dof));
}

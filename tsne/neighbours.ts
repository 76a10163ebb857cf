import { prepareKernels } from '../kernels/kernels.ts';
import type { Rows } from './axes.ts';
import { LEAF } from './leaves.ts';
import { measureRecall } from './neighbour-refinement.ts';
import { chooseProjection } from './projection.ts';
import { createSearch } from './search-job.ts';
import { toShared } from './shared-arrays.ts';
import { defaultThreads, runInThreads } from './threads.ts';
import type { Neighbours } from './types.ts';
import { checkOption } from './validation.ts';

/** Rows up to which all neighbours are found. */
const MOST_EXACT = 200_000;

/** Options of a search for neighbours. */
export interface NeighbourOptions {
  /** Default 'exact' up to 200,000 rows, 'approximate' for more. */
  search?: 'exact' | 'approximate';
  /** Default: one per core. The result does not depend on it. */
  threads?: number;
  /** Stops the search; the promise then rejects with an error named AbortError. */
  signal?: AbortSignal;
}

/**
 * Finds the k nearest neighbours (Euclidean) of each of n rows among the others, in worker threads: exactly, or, for very many
 * rows, most of them. Distances are computed in double precision; of equal distances, that to the lower index comes first.
 * The same rows give the same bytes, whatever the number of threads.
 *
 * Rows are searched in leaves of 64 near rows. A leaf that is too far away is left out; within the others, a product of
 * matrices in single precision rules out most pairs by a few principal components, with a bound on its rounding error, and
 * only what remains is compared in double precision.
 *
 * @throws RangeError naming the row and the column if a value is not finite, or saying which k are accepted
 */
export async function findNeighbours(
  rows: Rows,
  k: number,
  options: NeighbourOptions = {},
): Promise<Neighbours> {
  const { values, n, d } = rows;
  if (!(Number.isInteger(k) && k >= 1 && k < n)) {
    throw new RangeError(`k is ${k}: for ${n} points it must be from 1 to ${n - 1}`);
  }
  if (values.length !== n * d) {
    throw new RangeError(`there are ${values.length} values, ${n} × ${d} are needed`);
  }
  const { search: kind = n > MOST_EXACT ? 'approximate' : 'exact' } = options;
  checkOption(kind === 'exact' || kind === 'approximate', 'search', kind, 'exact or approximate');
  const { mean, radius } = describeColumns(rows);
  const scale = radius > 0 ? 2 ** -Math.ceil(Math.log2(radius)) : 1;
  const projection = chooseProjection(rows, k, mean, scale);
  const { threads = defaultThreads(), signal } = options;
  const crew = Math.min(threads, Math.ceil(n / LEAF));
  await prepareKernels();
  const search = createSearch(
    { values: toShared(values), n, d },
    k,
    projection,
    crew,
    kind === 'approximate',
  );
  await runInThreads({ search }, { threads: crew, signal, onMessage: () => {} });
  const { indices, distances, refinement, order } = search;
  if (!refinement) return { k, indices, distances };
  return { k, indices, distances, recall: measureRecall(refinement), order: order.slice(0, n) };
}

/** The mean of each column, and a bound for the distance of a row from it. Throws a RangeError unless all values are finite. */
export function describeColumns({ values, n, d }: Rows): { mean: Float64Array; radius: number } {
  const mean = new Float64Array(d);
  const low = new Float64Array(d).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(d).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0, p = 0; i < n; i++) {
    for (let j = 0; j < d; j++, p++) {
      const value = values[p];
      if (!Number.isFinite(value)) {
        throw new RangeError(
          `row ${i}, column ${j} is ${value}: finite numbers are accepted (both count from 0)`,
        );
      }
      mean[j] += value / n;
      if (value < low[j]) low[j] = value;
      if (value > high[j]) high[j] = value;
    }
  }
  let square = 0;
  for (let j = 0; j < d; j++) square += Math.max(high[j] - mean[j], mean[j] - low[j]) ** 2;
  return { mean, radius: Math.sqrt(square) };
}

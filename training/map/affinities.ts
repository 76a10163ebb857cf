import { availableParallelism } from 'node:os';
import { MOST_KERNEL_BYTES } from '../../kernels/kernels.ts';
import { mapBytes } from '../../tsne/job.ts';
import type { TsneOptions } from '../../tsne/tsne.ts';
import { ConfigurationError } from '../config/schema.ts';
import { plural } from '../console/plural.ts';

/** How far each point looks: see {@link TsneOptions}. */
export interface Affinities extends Pick<TsneOptions, 'affinities'> {
  /** One number or, for neighbourhoods of several sizes, a list of them. With uniform affinities, the number of neighbours. */
  readonly perplexity: number | readonly number[];
}

/** The fewest neighbours with uniform affinities: with less, a map falls to pieces. */
const FEWEST = 3;

const listOf = ({ perplexity }: Affinities): readonly number[] => [perplexity].flat();

/** Throws a {@link ConfigurationError} unless each perplexity is from 1 to a third of the other points, and uniform affinities have one number. */
export function assertAffinities(chosen: Affinities, points: number): void {
  const uniform = chosen.affinities === 'uniform';
  const all = listOf(chosen);
  if (uniform && all.length > 1) {
    throw new ConfigurationError(
      `perplexity is ${all.join(', ')}: with uniform affinities it is the number of neighbours, and takes one number`,
    );
  }
  const [least, most] = [uniform ? FEWEST : 1, Math.floor((points - 1) / 3)];
  if (uniform && most < least) {
    throw new ConfigurationError(
      `there are ${plural(points, 'point')}: uniform affinities take at least ${3 * FEWEST + 1}`,
    );
  }
  for (const each of all) {
    if (each >= least && each <= most && (!uniform || Number.isInteger(each))) continue;
    const accepted = uniform ? 'a whole number of neighbours' : 'a perplexity';
    throw new ConfigurationError(
      `perplexity is ${each}: a map of ${plural(points, 'point')}${uniform ? ' with uniform affinities' : ''} takes ${accepted} from ${least} to ${most}`,
    );
  }
}

/** Throws a {@link ConfigurationError} if so many points with these affinities take more memory than threads can share. */
export function assertMapFits(
  chosen: Affinities,
  points: number,
  { dims = 2, threads = availableParallelism() }: { dims?: number; threads?: number },
): void {
  const bytes = mapBytes(points, countNeighbours(chosen), dims, threads);
  if (bytes <= MOST_KERNEL_BYTES) return;
  const gigabytes = (n: number) => Number((n / 2 ** 30).toPrecision(3));
  throw new ConfigurationError(
    `a map of ${plural(points, 'point')} with a perplexity of ${listOf(chosen).join(', ')} takes ${gigabytes(bytes)} GiB of shared memory, and at most ${gigabytes(MOST_KERNEL_BYTES)} GiB fit: use fewer rows or a smaller --perplexity`,
  );
}

/** The neighbours of each point that the affinities are over. */
export const countNeighbours = (chosen: Affinities): number => {
  const widest = Math.max(...listOf(chosen));
  return chosen.affinities === 'uniform' ? widest : Math.floor(3 * widest);
};

/** The perplexity with which a new point is placed on such a map: the smallest that it was made with. */
export const placingPerplexity = (chosen: Affinities): number =>
  chosen.affinities === 'uniform' ? countNeighbours(chosen) / 3 : Math.min(...listOf(chosen));

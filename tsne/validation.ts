import type { Settings } from './job.ts';
import { GRADIENTS, type Neighbours, type TsneOptions } from './types.ts';

/**
 * The smallest default learning rate. With n / 12 alone, fewer than about 30 points stay where they started; with 200
 * for every n (van der Maaten 2014), fewer than about 100 points fly so far apart that clusters break.
 */
const LEAST_LEARNING_RATE = 50;

/** More degrees of freedom differ little from a Gaussian kernel, and push with forces that floats cannot hold. */
const MOST_FREEDOM = 100;

/** Errors of the forces are below 0.01 with either. */
export const defaultTheta = (dims: number): number => (dims === 3 ? 0.8 : 0.5);

/** Throws a RangeError unless the neighbours and the initial coordinates are valid and fit together. */
export function checkPoints(
  { k, indices, distances }: Neighbours,
  initial: Float32Array,
  dims: number,
): void {
  checkOption(dims === 2 || dims === 3, 'dims', dims, '2 or 3');
  const n = initial.length / dims;
  if (!Number.isInteger(n) || n < 4) {
    throw new RangeError(
      `initial has ${initial.length} values: n × ${dims} for n = 4 points or more are accepted`,
    );
  }
  if (!Number.isInteger(k) || k < 1 || k >= n) {
    throw new RangeError(`neighbours.k is ${k}: 1 to ${n - 1} is accepted for ${n} points`);
  }
  checkPlaces('initial', initial, dims);
  checkNeighbours({ k, indices, distances }, n, n);
}

/** Throws a RangeError unless all coordinates are finite. */
export function checkPlaces(name: string, places: Float32Array, dims: number): void {
  const invalid = places.findIndex((value) => !Number.isFinite(value));
  if (invalid < 0) return;
  const axis = 'xyz'[invalid % dims];
  const point = Math.floor(invalid / dims);
  throw new RangeError(
    `${name} has ${axis} = ${places[invalid]} for point ${point}: finite numbers are accepted`,
  );
}

/**
 * Throws a RangeError unless each of m points has k neighbours among n points, each once and at a finite distance.
 *
 * @param fresh whether the m points are new ones, not the n points themselves
 */
export function checkNeighbours(
  { k, indices, distances }: Neighbours,
  m: number,
  n: number,
  fresh = false,
): void {
  for (const [name, { length }] of Object.entries({ indices, distances })) {
    if (length === m * k) continue;
    throw new RangeError(`neighbours.${name} has ${length} values: ${m} × ${k} are accepted`);
  }
  const seen = new Int32Array(n).fill(-1);
  for (let e = 0; e < m * k; e++) {
    const i = Math.floor(e / k);
    const j = indices[e];
    const distance = distances[e];
    if (!(j >= 0 && j < n) || (j === i && !fresh) || seen[j] === i) {
      throw new RangeError(
        `neighbours.indices names ${j} for point ${i}: ${fresh ? '' : 'other '}points from 0 to ${n - 1} are accepted, each once`,
      );
    }
    seen[j] = i;
    if (!(distance >= 0 && distance < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `neighbours.distances has ${distance} for point ${i}: finite numbers from 0 are accepted`,
      );
    }
  }
}

/** Fills in the defaults for n points with k neighbours each. Throws a RangeError that names an invalid option. */
export function resolveSettings(options: TsneOptions, n: number, k: number): Settings {
  const { perplexity = 30, iterations = 1000, exaggeration = 12, gradient = 'auto' } = options;
  const { earlyIterations = 250, lateExaggeration = 1, tolerance = 0, affinities = 'gaussian' } = options;
  const { dims = 2, dof = 1, theta = defaultTheta(dims) } = options;
  const { learningRate = Math.max(LEAST_LEARNING_RATE, n / exaggeration) } = options;
  const perplexities = affinities === 'uniform' ? [] : [perplexity].flat();
  for (const each of perplexities) checkPerplexity(each, k);
  const named = affinities === 'gaussian' || affinities === 'uniform';
  checkOption(named, 'affinities', affinities, 'gaussian or uniform');
  const some = affinities === 'uniform' || perplexities.length > 0;
  checkOption(some, 'perplexity', 'an empty list', 'a number or a list of numbers');
  checkOption(
    Number.isInteger(earlyIterations) && earlyIterations >= 0,
    'earlyIterations',
    earlyIterations,
    'a whole number from 0',
  );
  checkOption(
    lateExaggeration >= 1 && Number.isFinite(lateExaggeration),
    'lateExaggeration',
    lateExaggeration,
    'a number from 1',
  );
  checkOption(tolerance >= 0 && tolerance < 1, 'tolerance', tolerance, '0, or a share below 1,');
  checkOption(
    Number.isInteger(iterations) && iterations >= 1,
    'iterations',
    iterations,
    'a whole number from 1',
  );
  checkOption(theta >= 0 && theta <= 1, 'theta', theta, '0 to 1');
  checkOption(
    exaggeration >= 1 && Number.isFinite(exaggeration),
    'exaggeration',
    exaggeration,
    'a number from 1',
  );
  checkOption(
    learningRate > 0 && Number.isFinite(learningRate),
    'learningRate',
    learningRate,
    'a number above 0',
  );
  const gradients = ['auto', ...GRADIENTS];
  checkOption(gradients.includes(gradient), 'gradient', gradient, `one of ${gradients.join(', ')}`);
  checkFreedom(dof);
  checkOption(
    gradient !== 'interpolation' || dof <= 1,
    'gradient',
    gradient,
    'auto, exact or barnes-hut for dof above 1',
  );
  return {
    dims,
    dof,
    perplexities,
    tolerance,
    earlyIterations,
    lateExaggeration,
    iterations,
    exaggeration,
    learningRate,
    gradient,
    theta,
  };
}

export function checkPerplexity(perplexity: number, k: number): void {
  const holds = perplexity >= 1 && perplexity < (k + 1) / 3;
  checkOption(holds, 'perplexity', perplexity, `1 to k / 3 for k = ${k} neighbours`);
}

export function checkFreedom(dof: number): void {
  checkOption(dof > 0 && dof <= MOST_FREEDOM, 'dof', dof, `a number above 0, at most ${MOST_FREEDOM},`);
}

/** Throws a RangeError unless an option `holds`. */
export function checkOption(holds: boolean, option: string, value: unknown, accepted: string): void {
  if (!holds) throw new RangeError(`${option} is ${value}: ${accepted} is accepted`);
}

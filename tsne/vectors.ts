import { principalAxes, type Rows } from './axes.ts';
import { describeColumns, findNeighbours } from './neighbours.ts';
import { tsne as placeNeighbours } from './tsne.ts';
import type { Embedding, Neighbours, TsneOptions } from './types.ts';
import { checkOption } from './validation.ts';

/**
 * t-distributed stochastic neighbour embedding of vectors, n × d: finds their exact nearest neighbours, and starts from their
 * first principal components. In Node, and in a browser's worker; the same vectors give the same map, whatever the number
 * of threads.
 *
 * @throws RangeError naming the row and the column of a value that is not finite, or an option that is not as described
 */
export function tsne(vectors: Rows, options?: TsneOptions): Promise<Embedding>;
/**
 * The same for points of which the nearest neighbours are known.
 *
 * @param neighbours of n ≥ 4 points; k is at least 3 × perplexity
 * @param initial n × dims, where the points start; only their proportions matter
 */
export function tsne(
  neighbours: Neighbours,
  initial: Float32Array,
  options?: TsneOptions,
): Promise<Embedding>;
export async function tsne(
  points: Rows | Neighbours,
  second: TsneOptions | Float32Array = {},
  options: TsneOptions = {},
): Promise<Embedding> {
  if (!('values' in points)) return placeNeighbours(points, second as Float32Array, options);
  return placeVectors(points, second as TsneOptions);
}

async function placeVectors(vectors: Rows, options: TsneOptions): Promise<Embedding> {
  const { n } = vectors;
  const { perplexity = 30, dims = 2, affinities } = options;
  const wide = Math.max(...[perplexity].flat());
  checkOption(n >= 4, 'n', n, 'a number of vectors from 4');
  const most = Math.floor((n - 1) / 3);
  checkOption(wide >= 1 && wide <= most, 'perplexity', wide, `1 to ${most} for ${n} vectors`);
  const k = affinities === 'uniform' ? Math.round(wide) : Math.floor(3 * wide);
  const neighbours = await findNeighbours(vectors, k, options);
  return placeNeighbours(neighbours, firstComponents(vectors, dims), options);
}

/** The first principal components of the vectors, n × count; 0 for those that they do not have. */
function firstComponents(vectors: Rows, count: number): Float32Array {
  const { values, n, d } = vectors;
  const { mean } = describeColumns(vectors);
  const found = Math.min(count, d);
  const axes = principalAxes(vectors, mean, found);
  const components = new Float32Array(n * count);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < found; a++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += (values[i * d + j] - mean[j]) * axes[a * d + j];
      components[i * count + a] = sum;
    }
  }
  return components;
}

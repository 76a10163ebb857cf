import { findNeighbours } from '../../tsne/neighbours.ts';
import { type Neighbours, tsne } from '../../tsne/tsne.ts';
import { Pca } from '../linear/pca.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Material } from './study.ts';

export const PERPLEXITY = 30;

/** Neighbours on a map that connect the points of a class into pieces, and vote on a point's class. */
export const CONNECTED = 10;

export const findNear = (points: Matrix, { threads }: Material): Promise<Neighbours> =>
  findNeighbours(points, 3 * PERPLEXITY, { threads });

/** The first two principal components, n × 2. */
export const componentsOf = async (points: Matrix, { threads }: Material): Promise<Float32Array> =>
  (await (await Pca.fit(points, 2, { threads })).project(points, { threads })).coordinates;

/** A map of points whose neighbours are known, and the neighbours on it. */
export async function embed(
  neighbours: Neighbours,
  start: Float32Array,
  iterations: number,
  { threads }: Material,
  onProgress: (share: number) => void,
) {
  const { embedding, klDivergence } = await tsne(neighbours, start, {
    perplexity: PERPLEXITY,
    iterations,
    threads,
    onProgress: ({ iteration }) => onProgress(iteration / iterations),
  });
  const map: Matrix = { values: embedding, n: start.length / 2, d: 2 };
  return {
    places: embedding,
    kl: klDivergence.at(-1)!.value,
    near: await findNeighbours(map, CONNECTED, { threads }),
  };
}

import { Pca } from '../linear/pca.ts';
import type { Matrix } from '../runtime/rows.ts';

/** Dimensions that neighbours are searched in, at most. */
const COMPONENTS = 50;

/**
 * The leading principal components of points with many dimensions, which keep the neighbours and take less time; and of others
 * along the same axes.
 */
export async function reducePoints(
  points: Matrix,
  options: { threads?: number },
  others: readonly Matrix[] = [],
): Promise<Matrix[]> {
  const all = [points, ...others];
  if (points.d <= COMPONENTS || points.n <= COMPONENTS) return all;
  const pca = await Pca.fit(points, COMPONENTS, options);
  const reduced: Matrix[] = [];
  for (const each of all) {
    const { coordinates } = await pca.project(each, options);
    reduced.push({ values: coordinates, n: each.n, d: COMPONENTS });
  }
  return reduced;
}

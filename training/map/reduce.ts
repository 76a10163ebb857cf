import { Pca } from '../linear/pca.ts';
import type { Matrix } from '../runtime/rows.ts';

/** Dimensions that neighbours are searched in, at most. */
const COMPONENTS = 50;

/** The leading principal components of points with many dimensions: they keep the neighbours, and take less time. */
export async function reducePoints(points: Matrix, options: { threads?: number }): Promise<Matrix> {
  if (points.d <= COMPONENTS || points.n <= COMPONENTS) return points;
  const pca = await Pca.fit(points, COMPONENTS, options);
  const { coordinates } = await pca.project(points, options);
  return { values: coordinates, n: points.n, d: COMPONENTS };
}

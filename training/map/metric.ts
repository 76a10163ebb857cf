import { directRows, findNeighboursBy, isEuclidean, type Metric } from '../../tsne/metrics.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import type { Neighbours } from '../../tsne/tsne.ts';
import { DataError } from '../data/datasets/error.ts';
import { NearestRows } from '../linear/nearest.ts';
import type { Matrix } from '../runtime/rows.ts';

interface Options {
  readonly threads?: number;
}

/** Vectors as a metric compares them. Throws a {@link DataError} that names where they are from and a row that it cannot compare. */
export function directPoints(from: string, { values, n, d }: Matrix, metric: Metric): Matrix {
  if (!isEuclidean(metric)) return { values, n, d };
  try {
    return directRows({ values, n, d }, metric);
  } catch (error) {
    throw new DataError(`${from}: ${(error as Error).message}: use the metric euclidean`, { cause: error });
  }
}

/** The k nearest neighbours of each point among the others, by a metric that {@link directPoints} has prepared them for. */
export const findByMetric = async (
  points: Matrix,
  k: number,
  metric: Metric,
  options: Options,
): Promise<Neighbours> =>
  isEuclidean(metric) ? findNeighbours(points, k, options) : findNeighboursBy(metric, points, k);

/** The k nearest points to each query: as {@link findByMetric}. */
export async function findNearestTo(
  queries: Matrix,
  points: Matrix,
  k: number,
  metric: Metric,
  options: Options,
): Promise<Neighbours> {
  if (!isEuclidean(metric)) return findNeighboursBy(metric, points, k, queries);
  await using rows = await NearestRows.open(points, k, options);
  return await rows.find(queries);
}

import { parquetWriteBuffer } from 'hyparquet-writer';
import { encodeCodes } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import type { Metric } from '../../tsne/metrics.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import { type Embedding, type Neighbours, type TsneOptions, tsne } from '../../tsne/tsne.ts';
import { ConfigurationError } from '../config/schema.ts';
import { Pca } from '../linear/pca.ts';
import { measureVotes } from '../linear/vote.ts';
import type { Matrix } from '../runtime/rows.ts';
import { findByMetric } from './metric.ts';
import { measurePlacement } from './placement.ts';
import { measureQuality } from './quality.ts';

/** The points of a map: n codes, n × dims, row-major, and what is known about each. */
export interface MapInput {
  codes: Float32Array;
  dims: number;
  /** The index of each point's sample in the data. */
  ids: ArrayLike<number>;
  /** The class of each point, as an index into `classes`, if known. */
  labels?: Uint8Array;
  classes: readonly string[];
  score: Float32Array;
  p_value: Float32Array;
}

export interface MapOptions extends Pick<TsneOptions, 'dims' | 'dof' | 'threads' | 'onProgress' | 'signal'> {
  perplexity: number;
  iterations: number;
}

/** A map's parts of the bundle. */
export interface EmbeddingMap {
  files: Map<string, Uint8Array>;
  manifest: Manifest['map'];
  report: Report['map'];
}

/** Throws a {@link ConfigurationError} unless the perplexity is from 1 to a third of the other points. */
export function assertPerplexity(perplexity: number, points: number): void {
  const most = Math.floor((points - 1) / 3);
  if (!(perplexity >= 1 && perplexity <= most)) {
    throw new ConfigurationError(
      `perplexity is ${perplexity}: a map of ${points} points takes a perplexity from 1 to ${most}`,
    );
  }
}

/** Neighbours that vote on a point's label, for the accuracies in the report. */
const VOTERS = 10;

/** Neighbours that a new point is placed by. */
const PLACING_NEIGHBOURS = 10;

/** Makes the t-SNE map of the codes: `map.parquet`, `codes.bin`, and the map's parts of the manifest and the report. */
export async function buildMap(input: MapInput, options: MapOptions): Promise<EmbeddingMap> {
  const { codes, dims, labels } = input;
  const n = input.score.length;
  assertPerplexity(options.perplexity, n);
  const points: Matrix = { values: codes, n, d: dims };
  const voters = Math.min(VOTERS, n - 1);
  const voteAccuracy = async (rows: Matrix) =>
    labels ? measureVotes(await findNeighbours(rows, voters, options), labels, voters) : null;
  const { embedding, klDivergence, neighbours } = await placePoints(points, options);
  const files = encodeMap(input, embedding);
  return {
    files,
    manifest: {
      method: 't-SNE',
      points: n,
      perplexity: options.perplexity,
      iterations: options.iterations,
      kl_divergence: klDivergence.at(-1)!.value,
    },
    report: {
      kl_divergence: klDivergence,
      quality: n > 20 ? measureQuality(points, embedding) : null,
      placement:
        n > 20 ? measurePlacement(files.get('codes.bin')!, embedding, neighbours, options.perplexity) : null,
      knn_accuracy: await voteAccuracy({ values: embedding, n, d: 2 }),
      code_knn_accuracy:
        labels && neighbours.k >= voters
          ? measureVotes(neighbours, labels, voters)
          : await voteAccuracy(points),
    },
  };
}

/**
 * Places points on a map by t-SNE: from the leading principal components, by the exact nearest neighbours, Euclidean unless
 * another metric is named.
 */
export async function placePoints(
  points: Matrix,
  options: MapOptions,
  metric: Metric = 'euclidean',
): Promise<Embedding & { neighbours: Neighbours }> {
  const neighbours = await findByMetric(points, Math.floor(3 * options.perplexity), metric, options);
  const start = await chooseStart(points, options.dims ?? 2, options);
  return { ...(await tsne(neighbours, start, options)), neighbours };
}

/**
 * The places that t-SNE starts from, n × dims: the leading principal components. Points with fewer numbers start on a line or
 * a plane.
 */
async function chooseStart(
  points: Matrix,
  dims: number,
  options: { threads?: number },
): Promise<Float32Array> {
  const { values, n, d } = points;
  const axes = Math.min(dims, d);
  let coordinates = values;
  if (d > 1)
    coordinates = (await (await Pca.fit(points, axes, options)).project(points, options)).coordinates;
  return Float32Array.from({ length: dims * n }, (_, p) =>
    p % dims < axes ? coordinates[axes * Math.floor(p / dims) + (p % dims)] : 0,
  );
}

/** `map.parquet` and `codes.bin`. */
function encodeMap(input: MapInput, embedding: Float32Array): Map<string, Uint8Array> {
  const { codes, dims, labels, classes } = input;
  const n = input.score.length;
  const x = embedding.filter((_, i) => i % 2 === 0);
  const y = embedding.filter((_, i) => i % 2 === 1);
  const ids = Int32Array.from(input.ids);
  const columns = [
    { name: 'id', data: ids, type: 'INT32' as const },
    { name: 'split', data: new Array<string>(n).fill('test'), type: 'STRING' as const },
    { name: 'x', data: x, type: 'FLOAT' as const },
    { name: 'y', data: y, type: 'FLOAT' as const },
    {
      name: 'label',
      data: Array.from(ids, (_, i) => (labels ? classes[labels[i]] : null)),
      type: 'STRING' as const,
    },
    { name: 'score', data: input.score, type: 'FLOAT' as const },
    { name: 'p_value', data: input.p_value, type: 'FLOAT' as const },
  ];
  return new Map([
    ['map.parquet', new Uint8Array(parquetWriteBuffer({ columnData: columns }))],
    ['codes.bin', encodeCodes({ codes, dims, ids, x, y, neighbours: Math.min(PLACING_NEIGHBOURS, n) })],
  ]);
}

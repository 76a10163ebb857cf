import { parquetWriteBuffer } from 'hyparquet-writer';
import { encodeCodes } from '../../bundle/codes.ts';
import type { Frame } from '../../bundle/frames.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { isEuclidean, type Metric } from '../../tsne/metrics.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import { type Embedding, type Neighbours, type TsneOptions, tsne } from '../../tsne/tsne.ts';
import { Pca } from '../linear/pca.ts';
import { measureVotes } from '../linear/vote.ts';
import type { Matrix } from '../runtime/rows.ts';
import { type Affinities, assertAffinities, countNeighbours, placingPerplexity } from './affinities.ts';
import { FrameRecorder, packFrames } from './frames.ts';
import { directPoints, findByMetric } from './metric.ts';
import { measurePlacement } from './placement.ts';
import { measureQuality } from './quality.ts';

/** The points of a map: n codes, n × dims, row-major, and what is known about each. */
export interface MapInput {
  codes: Float32Array;
  dims: number;
  /** The row of each point's sample in its data. */
  ids: ArrayLike<number>;
  /** The split of each point; the test points come first. */
  splits: readonly string[];
  /** How many test points there are. */
  tested: number;
  /** The class of each point, as an index into `classes`, if known. */
  labels?: Uint8Array;
  classes: readonly string[];
  score: Float32Array;
  p_value: Float32Array;
}

export interface MapOptions
  extends Pick<
      TsneOptions,
      'dims' | 'dof' | 'exaggeration' | 'lateExaggeration' | 'tolerance' | 'threads' | 'onProgress' | 'signal'
    >,
    Affinities {
  /** How points are compared; Euclidean by default. */
  metric?: Metric;
  iterations: number;
  /** Frames to replay it, in the plane; none by default. */
  frames?: number;
}

/** A map's parts of the bundle. */
export interface EmbeddingMap {
  /** Where the points are. */
  places: { x: Float32Array; y: Float32Array };
  files: Map<string, Uint8Array>;
  manifest: Manifest['map'];
  report: Report['map'];
}

/** Neighbours that vote on a point's label, for the accuracies in the report. */
const VOTERS = 10;

/** Neighbours that a new point is placed by, and the points, at most, that it is compared with. */
const PLACING_NEIGHBOURS = 10;
const PLACING_POINTS = 10_000;

/** Nearest points that are kept for each point, and how many points are in a file. */
const KEPT_NEIGHBOURS = 12;
const NEIGHBOURS_PER_FILE = 10_000;

/**
 * Makes the t-SNE map of the codes: `map.parquet`, `codes.bin`, the points' neighbours, and the map's parts of the manifest and
 * the report.
 */
export async function buildMap(input: MapInput, options: MapOptions): Promise<EmbeddingMap> {
  const { codes, dims, labels, tested } = input;
  const n = input.score.length;
  const { metric = 'euclidean' } = options;
  assertAffinities(options, n);
  const points = directPoints('the codes', { values: codes, n, d: dims }, metric);
  const voters = Math.min(VOTERS, n - 1);
  const voteAccuracy = async (rows: Matrix) =>
    labels ? measureVotes(await findNeighbours(rows, voters, options), labels, voters, tested) : null;
  const { embedding, klDivergence, neighbours, frames } = await placePoints(points, options);
  const placing = Math.min(tested, PLACING_POINTS);
  const kept = placing < n ? encodeNeighbours(neighbours, n) : undefined;
  const [x, y] = [0, 1].map((axis) => roundPlaces(embedding.filter((_, i) => i % 2 === axis)));
  const replay = await packFrames(frames, n);
  const files = new Map([
    ...encodeMap(input, { x, y }, placing),
    ...(kept?.files ?? []),
    ...(replay?.files ?? []),
  ]);
  return {
    places: { x, y },
    files,
    manifest: {
      method: 't-SNE',
      points: n,
      perplexity: options.perplexity,
      ...(options.affinities === 'uniform' && { affinities: options.affinities }),
      ...(metric !== 'euclidean' && { metric }),
      iterations: options.iterations,
      kl_divergence: klDivergence.at(-1)!.value,
      codes: placing,
      ...(kept && { neighbours: kept.neighbours }),
      ...(replay && { frames: replay.frames }),
    },
    report: {
      kl_divergence: klDivergence,
      quality: n > 20 && isEuclidean(metric) ? measureQuality(points, embedding) : null,
      ...(neighbours.recall !== undefined && { recall: neighbours.recall }),
      placement:
        n > 20
          ? measurePlacement(files.get('codes.bin')!, embedding, neighbours, placingPerplexity(options))
          : null,
      knn_accuracy: await voteAccuracy({ values: embedding, n, d: 2 }),
      code_knn_accuracy:
        labels && neighbours.k >= voters
          ? measureVotes(neighbours, labels, voters, tested)
          : await voteAccuracy(points),
      ...(labels && { accuracy_points: tested }),
    },
  };
}

/**
 * Places points on a map by t-SNE: from the leading principal components, by the nearest neighbours.
 *
 * @param points as {@link directPoints} has prepared them for the metric
 */
export async function placePoints(
  points: Matrix,
  options: MapOptions,
): Promise<Embedding & { neighbours: Neighbours; frames: readonly Frame[] }> {
  const { metric = 'euclidean' } = options;
  const neighbours = await findByMetric(points, countNeighbours(options), metric, options);
  const start = await chooseStart(points, options.dims ?? 2, options);
  const recorder = new FrameRecorder(options.frames ?? 0, options.iterations, start);
  const map = await tsne(neighbours, start, { ...options, ...recorder.options });
  return { ...map, neighbours, frames: recorder.frames };
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

/** Rounds coordinates to 65,536ths of the map or less: far finer than a pixel at any zoom, and the zeros compress well. */
function roundPlaces(values: Float32Array): Float32Array {
  const reach = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const step = 2 ** (Math.ceil(Math.log2(reach || 1)) - 15);
  return values.map((value) => step * Math.round(value / step));
}

/** `map.parquet`, and `codes.bin` with the first `placing` points. */
function encodeMap(
  input: MapInput,
  { x, y }: EmbeddingMap['places'],
  placing: number,
): Map<string, Uint8Array> {
  const { codes, dims, labels, classes, splits } = input;
  const ids = Int32Array.from(input.ids);
  const columnData = [
    { name: 'id', data: ids, type: 'INT32' as const, encoding: 'DELTA_BINARY_PACKED' as const },
    { name: 'split', data: [...splits], type: 'STRING' as const },
    { name: 'x', data: x, type: 'FLOAT' as const, encoding: 'BYTE_STREAM_SPLIT' as const },
    { name: 'y', data: y, type: 'FLOAT' as const, encoding: 'BYTE_STREAM_SPLIT' as const },
    {
      name: 'label',
      data: Array.from(ids, (_, i) => (labels ? classes[labels[i]] : null)),
      type: 'STRING' as const,
    },
    { name: 'score', data: input.score, type: 'FLOAT' as const, encoding: 'BYTE_STREAM_SPLIT' as const },
    { name: 'p_value', data: input.p_value, type: 'FLOAT' as const, encoding: 'RLE_DICTIONARY' as const },
  ];
  const neighbours = Math.min(PLACING_NEIGHBOURS, placing);
  const placed = { codes: codes.subarray(0, placing * dims), dims, neighbours };
  const first = { ids: ids.subarray(0, placing), x: x.subarray(0, placing), y: y.subarray(0, placing) };
  return new Map([
    ['map.parquet', new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: ids.length }))],
    ['codes.bin', encodeCodes({ ...placed, ...first })],
  ]);
}

/** The nearest points of each point, in files, and their part of the manifest: what `codes.bin` cannot tell if it has only some of them. */
export function encodeNeighbours({ k: known, indices }: Neighbours, n: number) {
  const k = Math.min(KEPT_NEIGHBOURS, known);
  const files = new Map<string, Uint8Array>();
  for (let start = 0; start < n; start += NEIGHBOURS_PER_FILE) {
    const count = Math.min(NEIGHBOURS_PER_FILE, n - start);
    const kept = new DataView(new ArrayBuffer(4 * count * k));
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < k; j++) kept.setUint32(4 * (i * k + j), indices[(start + i) * known + j], true);
    }
    files.set(`neighbours-${files.size}.bin`, new Uint8Array(kept.buffer));
  }
  return { files, neighbours: { k, per_file: NEIGHBOURS_PER_FILE, files: [...files.keys()] } };
}

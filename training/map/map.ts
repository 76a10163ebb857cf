import { parquetWriteBuffer } from 'hyparquet-writer';
import { encodeCodes } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { type TsneOptions, tsne } from '../../tsne/tsne.ts';
import { ConfigurationError } from '../config/schema.ts';
import { findNeighbours } from '../linear/nearest.ts';
import { Pca } from '../linear/pca.ts';
import { measureVotes } from '../linear/vote.ts';
import type { Matrix } from '../runtime/rows.ts';

/** The points of a map: n codes of d dimensions, row-major, and what is known of each. */
export interface MapInput {
  codes: Float32Array;
  dims: number;
  /** Which sample of the data each point is. */
  ids: ArrayLike<number>;
  /** Class of each point, as an index into `classes`, where they are known. */
  labels?: Uint8Array;
  classes: readonly string[];
  score: Float32Array;
  p_value: Float32Array;
}

export interface MapOptions extends Pick<TsneOptions, 'threads' | 'onProgress' | 'signal'> {
  perplexity: number;
  iterations: number;
}

/** A map as the bundle keeps it. */
export interface EmbeddingMap {
  files: Map<string, Uint8Array>;
  manifest: Manifest['map'];
  report: Report['map'];
}

/** Throws a {@link ConfigurationError} if the points are fewer than three times the perplexity. */
export function assertPerplexity(perplexity: number, points: number): void {
  const most = Math.floor((points - 1) / 3);
  if (!(perplexity >= 1 && perplexity <= most)) {
    throw new ConfigurationError(
      `perplexity is ${perplexity}: a map of ${points} points takes a perplexity from 1 to ${most}`,
    );
  }
}

/** Neighbours that vote on a point's label, in the report's accuracies. */
const VOTERS = 10;

/** Points whose places a new point's place follows from. */
const PLACING_NEIGHBOURS = 10;

/** The t-SNE map of the codes: `map.parquet`, `codes.bin`, and their parts of the manifest and the report. */
export async function buildMap(input: MapInput, options: MapOptions): Promise<EmbeddingMap> {
  const { codes, dims, labels, classes } = input;
  const n = input.score.length;
  assertPerplexity(options.perplexity, n);
  const k = Math.floor(3 * options.perplexity);
  const points: Matrix = { values: codes, n, d: dims };
  const neighbours = await findNeighbours(points, k, options);
  // Codes of one number start on a line.
  const coordinates =
    dims === 1
      ? Float32Array.from({ length: 2 * n }, (_, p) => (p % 2 === 0 ? codes[p / 2] : 0))
      : (await (await Pca.fit(points, 2, options)).project(points, options)).coordinates;
  const voters = Math.min(VOTERS, n - 1);
  const voteAccuracy = async (rows: Matrix) =>
    labels ? measureVotes(await findNeighbours(rows, voters, options), labels, voters) : null;
  const { embedding, klDivergence } = await tsne(neighbours, coordinates, options);
  const x = embedding.filter((_, i) => i % 2 === 0);
  const y = embedding.filter((_, i) => i % 2 === 1);
  const ids = Int32Array.from(input.ids);
  const files = new Map<string, Uint8Array>();
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
  files.set('map.parquet', new Uint8Array(parquetWriteBuffer({ columnData: columns })));
  files.set(
    'codes.bin',
    encodeCodes({ codes, dims, ids, x, y, neighbours: Math.min(PLACING_NEIGHBOURS, n) }),
  );
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
      knn_accuracy: await voteAccuracy({ values: embedding, n, d: 2 }),
      code_knn_accuracy:
        labels && k >= voters ? measureVotes(neighbours, labels, voters) : await voteAccuracy(points),
    },
  };
}

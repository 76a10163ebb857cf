import type { OutputColumn, Values } from '../../bundle/tables/text.ts';
import { DATA_DEFAULTS } from '../config/presets.ts';
import { formatDuration } from '../console/duration.ts';
import { plural } from '../console/plural.ts';
import { Progress } from '../console/progress.ts';
import { DataError } from '../data/datasets/error.ts';
import { readVectors, type VectorOptions, type Vectors } from '../data/input/vectors.ts';
import { STDOUT } from '../data/output/formats.ts';
import { assertNotInput, assertWritable, openWriter } from '../data/output/open.ts';
import { assertPerplexity, placePoints } from '../map/map.ts';
import { measureQuality } from '../map/quality.ts';
import { reducePoints } from '../map/reduce.ts';
import { showMap } from './train.ts';

export const METRICS = ['euclidean', 'cosine'] as const;

export interface MapFileFlags extends VectorOptions {
  /** Where the map goes: a file, or `-`. */
  readonly out: string;
  readonly metric: (typeof METRICS)[number];
  /** By default 30, or the largest for few rows. */
  readonly perplexity?: number;
  readonly iterations: number;
  /** Axes of the map; 2 by default. */
  readonly dims?: 2 | 3;
  /** Degrees of freedom of its kernel; 1 by default. */
  readonly dof?: number;
  readonly threads?: number;
}

/** Rows of a map, at least: with fewer, none has three neighbours. */
const FEWEST = 4;

/** The columns of a place on the map. */
const PLACES = ['x', 'y', 'z'] as const;

/**
 * Makes a t-SNE map of the vectors in a file, such as embeddings, and writes a row for each, in order: the other columns
 * of the file, and its position as `x`, `y` and, in space, `z`. Throws a {@link DataError} that names file, row and column.
 */
export async function mapFile(file: string, flags: MapFileFlags): Promise<void> {
  const { out, metric, dims = 2 } = flags;
  const axes = PLACES.slice(0, dims);
  const progress = new Progress();
  await assertWritable(out);
  await assertNotInput(out, file);
  const began = performance.now();
  const vectors = await readVectors(file, flags);
  const { n, d, from, carried } = vectors;
  const taken = carried.find(({ column }) => axes.some((place) => place === column.name))?.column.name;
  if (taken !== undefined) {
    throw new DataError(
      `${file}: the map has columns ${axes.slice(0, -1).join(', ')} and ${axes.at(-1)}, and so has the file: leave ${taken} out with --exclude ${taken}`,
    );
  }
  if (n < FEWEST) throw new DataError(`${file}: a map needs at least ${FEWEST} rows, the file has ${n}`);
  const perplexity = flags.perplexity ?? Math.min(DATA_DEFAULTS.perplexity, Math.floor((n - 1) / 3));
  assertPerplexity(perplexity, n);
  progress.line(`${file}: ${plural(n, 'row')} of ${plural(d, 'number')}, from ${from}`);
  const points = await reducePoints(metric === 'cosine' ? normalise(file, vectors) : vectors, flags);
  const { embedding, klDivergence } = await placePoints(points, {
    ...flags,
    perplexity,
    onProgress: showMap(progress),
  });
  const columns: OutputColumn[] = [
    ...carried.map(({ column }) => column),
    ...axes.map((name) => ({ name, type: 'float' as const })),
  ];
  const places: Values[] = axes.map((_, axis) => embedding.filter((_, p) => p % dims === axis));
  await using writer = await openWriter(out, columns);
  await writer.write([...carried.map(({ cells }) => cells), ...places], n);
  await writer.finish();
  const seconds = formatDuration((performance.now() - began) / 1000);
  const names = columns.map(({ name }) => name).join(', ');
  const quality = n > 20 ? measureQuality(points, embedding) : null;
  const shown = quality ? `, trustworthiness ${quality.trustworthiness.toFixed(3)}` : '';
  progress.line(`KL divergence ${klDivergence.at(-1)!.value.toFixed(3)}${shown}, ${seconds}`);
  if (out !== STDOUT) progress.line(`${out}: ${names}`);
}

/** The vectors with length one: then the nearest by distance are the nearest by angle. */
function normalise(file: string, { values, n, d }: Vectors): { values: Float32Array; n: number; d: number } {
  const scaled = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let p = i * d; p < (i + 1) * d; p++) squares += values[p]! ** 2;
    if (squares === 0) {
      throw new DataError(
        `${file}: row ${i + 1} has only zeros, and so no direction: use --metric euclidean`,
      );
    }
    const length = Math.sqrt(squares);
    for (let p = i * d; p < (i + 1) * d; p++) scaled[p] = values[p]! / length;
  }
  return { values: scaled, n, d };
}

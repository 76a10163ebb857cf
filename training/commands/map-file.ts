import { basename } from 'node:path';
import { isEuclidean, type Metric } from '../../tsne/metrics.ts';
import { DATA_DEFAULTS } from '../config/presets.ts';
import { ConfigurationError } from '../config/schema.ts';
import { formatDuration } from '../console/duration.ts';
import { plural } from '../console/plural.ts';
import { Progress } from '../console/progress.ts';
import { quoteWord } from '../console/shell.ts';
import { DataError } from '../data/datasets/error.ts';
import { readVectors, type VectorOptions } from '../data/input/vectors.ts';
import { isFolder, STDOUT } from '../data/output/formats.ts';
import { assertNotInput, assertWritable } from '../data/output/open.ts';
import { assertAffinities, assertMapFits } from '../map/affinities.ts';
import { chooseFrames } from '../map/frames.ts';
import { placePoints } from '../map/map.ts';
import { directPoints } from '../map/metric.ts';
import { measureQuality } from '../map/quality.ts';
import { reducePoints } from '../map/reduce.ts';
import { openMapFolder } from './map-folder.ts';
import { assertNoPlaces, writePlaces } from './map-places.ts';
import { showMap } from './train.ts';

export interface MapFileFlags extends VectorOptions {
  /** Where the map goes: a file, `-`, or the folder of a bundle. */
  readonly out: string;
  readonly metric: Metric;
  /** By default 30, or the largest for few rows. */
  readonly perplexity?: number | readonly number[];
  readonly affinities?: 'gaussian' | 'uniform';
  readonly iterations: number;
  /** Axes of the map; 2 by default. */
  readonly dims?: 2 | 3;
  /** Degrees of freedom of its kernel; 1 by default. */
  readonly dof?: number;
  /** Factors on the affinities in the early iterations and after them, and when to stop: see TsneOptions. */
  readonly exaggeration?: number;
  readonly lateExaggeration?: number;
  readonly tolerance?: number;
  /** Frames to replay it, in a folder; 40 by default, fewer of very many points. */
  readonly frames?: number;
  readonly threads?: number;
}

/** Rows of a map, at least: with fewer, none has three neighbours. */
const FEWEST = 4;

/**
 * Makes a t-SNE map of the vectors in a file, such as embeddings, and writes a row for each, in order: the other columns
 * of the file, and its position as `x`, `y` and, in space, `z`. Into a folder, writes that as a bundle without a model.
 * Throws a {@link DataError} that names file, row and column.
 */
export async function mapFile(file: string, flags: MapFileFlags): Promise<void> {
  const { out, metric, dims = 2 } = flags;
  const progress = new Progress();
  if (flags.frames && !isFolder(out)) {
    throw new ConfigurationError(
      `frames are for the dashboard, and ${out} is a file: leave --frames out, or name a folder with --out`,
    );
  }
  using folder = isFolder(out) ? await openMapFolder(out, dims) : undefined;
  if (!folder) await assertWritable(out);
  for (const input of [file, flags.metadata ?? []].flat()) await assertNotInput(out, input);
  const began = performance.now();
  const vectors = await readVectors(file, flags);
  const { n, d, from } = vectors;
  assertNoPlaces(file, vectors, dims);
  if (n < FEWEST) throw new DataError(`${file}: a map needs at least ${FEWEST} rows, the file has ${n}`);
  const usual = Math.min(DATA_DEFAULTS.perplexity, Math.floor((n - 1) / 3));
  const perplexity = flags.perplexity ?? usual;
  const { affinities, iterations } = flags;
  assertAffinities({ perplexity, affinities }, n);
  assertMapFits({ perplexity, affinities }, n, flags);
  const count = folder ? chooseFrames(flags.frames, n, iterations) : 0;
  progress.line(`${file}: ${plural(n, 'row')} of ${plural(d, 'number')}${from ? `, from ${from}` : ''}`);
  for (const note of vectors.notes) progress.line(note);
  if (flags.perplexity === undefined && usual < DATA_DEFAULTS.perplexity) {
    progress.line(`perplexity ${usual}, the largest for ${plural(n, 'row')}`);
  }
  const directed = directPoints(file, vectors, metric);
  const [points] = isEuclidean(metric) ? await reducePoints(directed, flags) : [directed];
  const onProgress = showMap(progress);
  const { embedding, klDivergence, neighbours, frames } = await placePoints(points!, {
    ...flags,
    perplexity,
    frames: count,
    onProgress,
  });
  const seconds = (performance.now() - began) / 1000;
  // Fewer iterations than wanted, if a tolerance stopped them.
  const { iteration, value } = klDivergence.at(-1)!;
  const names = folder
    ? await folder.write({ ...vectors, name: basename(file), metric }, embedding, neighbours, frames, {
        perplexity,
        affinities: affinities === 'uniform' ? affinities : undefined,
        recall: neighbours.recall,
        iterations: iteration,
        kl_divergence: value,
        dof: flags.dof,
        exaggeration: flags.exaggeration,
        late_exaggeration: flags.lateExaggeration,
        tolerance: flags.tolerance,
        seconds,
      })
    : await writePlaces(out, vectors, embedding, {
        metric,
        dims,
        dof: flags.dof ?? 1,
        affinities: affinities ?? 'gaussian',
      });
  if (iteration < iterations) {
    progress.line(`nothing moved any more after ${iteration} of ${iterations} iterations`);
  }
  const quality = n > 20 && isEuclidean(metric) ? measureQuality(points!, embedding) : null;
  const shown = quality ? `, trustworthiness ${quality.trustworthiness.toFixed(3)}` : '';
  progress.line(`KL divergence ${value.toFixed(3)}${shown}, ${formatDuration(seconds)}`);
  const { recall } = neighbours;
  if (recall !== undefined) {
    progress.line(
      `the search found ${(100 * recall).toFixed(1)}% of the nearest neighbours, as a sample of the rows tells`,
    );
  }
  if (out !== STDOUT) progress.line(`Wrote ${out}, with ${names.join(', ')} for each row`);
  if (folder) progress.line(`look at it: npx offmanifold serve --model ${quoteWord(out)}`);
}

import { FixedMap } from '../../tsne/fixed-map.ts';
import { isEuclidean, type Metric } from '../../tsne/metrics.ts';
import { DATA_DEFAULTS } from '../config/presets.ts';
import { ConfigurationError } from '../config/schema.ts';
import { formatDuration } from '../console/duration.ts';
import { plural } from '../console/plural.ts';
import { Progress } from '../console/progress.ts';
import { DataError } from '../data/datasets/error.ts';
import { readVectors, type VectorOptions } from '../data/input/vectors.ts';
import { STDOUT } from '../data/output/formats.ts';
import { assertNotInput, assertWritable } from '../data/output/open.ts';
import { directPoints, findNearestTo } from '../map/metric.ts';
import { reducePoints } from '../map/reduce.ts';
import { assertNoPlaces, placeColumns, writePlaces } from './map-places.ts';
import { agree, assertMapTable, readSettings } from './map-settings.ts';

export interface MapIntoFlags extends VectorOptions {
  /** The map: a table with columns x and y, and z with three axes. */
  readonly into: string;
  /** The vectors that the map was made of, in the order of its rows. */
  readonly of: string;
  readonly out: string;
  readonly metric?: Metric;
  readonly perplexity?: number;
  readonly dims?: 2 | 3;
  readonly dof?: number;
  readonly threads?: number;
}

/**
 * Places the vectors in a file on a map that `offmanifold map` made of others, and writes a row for each as that does. Throws a
 * {@link DataError} that names a file that does not fit the others.
 */
export async function mapInto(file: string, flags: MapIntoFlags): Promise<void> {
  const { into, of, out } = flags;
  const progress = new Progress();
  await assertWritable(out);
  for (const input of [file, into, of, flags.metadata ?? []].flat()) await assertNotInput(out, input);
  await assertMapTable(into);
  const made = await readSettings(into);
  const { metric, dims, dof } = agree(into, made, flags);
  const began = performance.now();
  const mapped = await readVectors(of, { ...flags, metadata: undefined });
  const fresh = await readVectors(file, { ...flags, ids: mapped.ids, like: mapped.names });
  assertNoPlaces(file, fresh, dims);
  if (fresh.d !== mapped.d) {
    throw new DataError(`${file} has vectors of ${plural(fresh.d, 'number')}, ${of} of ${mapped.d}`);
  }
  const map = await readVectors(into, { columns: placeColumns(dims) });
  // A map that does not say how it was made.
  const z = map.carried.find(({ column }) => column.name === 'z')?.cells;
  if (z?.every((cell) => cell !== null && Number.isFinite(Number(cell)))) {
    throw new ConfigurationError(
      `${into} has a column z, so it is a map in space: give --dims 3, or rename z`,
    );
  }
  if (map.n !== mapped.n) {
    throw new DataError(
      `${into} has ${plural(map.n, 'row')}, ${of} ${mapped.n}: expected the vectors that the map was made of, in its order`,
    );
  }
  const most = Math.floor(map.n / 3);
  const perplexity = flags.perplexity ?? Math.min(DATA_DEFAULTS.perplexity, most);
  if (!(perplexity >= 1 && perplexity <= most)) {
    throw new ConfigurationError(
      `perplexity is ${perplexity}: a map of ${map.n} points takes new ones with a perplexity from 1 to ${most}`,
    );
  }
  if (made?.affinities === 'uniform') {
    progress.line(
      `${into} was made with uniform affinities: new points are placed with a perplexity of ${perplexity}`,
    );
  }
  progress.line(
    `${file}: ${plural(fresh.n, 'row')} of ${plural(fresh.d, 'number')}${fresh.from ? `, from ${fresh.from}` : ''}`,
  );
  for (const note of fresh.notes) progress.line(note);
  const [points, queries] = [directPoints(of, mapped, metric), directPoints(file, fresh, metric)];
  const [among, sought] = isEuclidean(metric)
    ? await reducePoints(points, flags, [queries])
    : [points, queries];
  const neighbours = await findNearestTo(sought!, among!, Math.floor(3 * perplexity), metric, flags);
  const places = new FixedMap(map.values, { dims, dof }).place(neighbours, { perplexity });
  const names = await writePlaces(out, fresh, places, {
    metric,
    dims,
    dof,
    affinities: 'gaussian',
  });
  const seconds = formatDuration((performance.now() - began) / 1000);
  progress.line(`placed among the ${plural(map.n, 'point')} of ${into}, ${seconds}`);
  if (out !== STDOUT) progress.line(`${out}: ${names.join(', ')}`);
}

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import * as z from 'zod';
import { METRICS } from '../../bundle/map-metrics.ts';
import { isTable } from '../../bundle/tables/formats.ts';
import { ConfigurationError } from '../config/schema.ts';
import { DataError } from '../data/datasets/error.ts';

/** What a map says about how it was made, for those who place new points on it. */
const MapSettings = z.object({
  metric: z.enum(METRICS),
  dims: z.union([z.literal(2), z.literal(3)]),
  dof: z.number().positive(),
  affinities: z.enum(['gaussian', 'uniform']),
});

export type MapSettings = z.infer<typeof MapSettings>;

/** What new points must have in common with the map. */
type Agreed = Pick<MapSettings, 'metric' | 'dims' | 'dof'>;

/** The key of the settings in the metadata of a Parquet file. */
const KEY = 'offmanifold:map';

/** The settings as an entry of a Parquet file's own metadata. Other formats have no place for them. */
export const packSettings = (settings: MapSettings) => ({ key: KEY, value: JSON.stringify(settings) });

/** Reads the settings of a map in a file; undefined if it does not say. */
export async function readSettings(path: string): Promise<MapSettings | undefined> {
  if (!path.toLowerCase().endsWith('.parquet')) return undefined;
  // What is wrong with the file is said where its rows are read.
  const settings: unknown = await asyncBufferFromFile(path)
    .then((buffer) => parquetMetadataAsync(buffer))
    .then((metadata) => metadata.key_value_metadata?.find(({ key }) => key === KEY)?.value)
    .then((value) => JSON.parse(value ?? 'null'))
    .catch(() => undefined);
  return MapSettings.safeParse(settings).data;
}

/**
 * Settings for placing points on a map: those of the map, or else those given. Throws a {@link ConfigurationError} if both are
 * there and differ.
 */
export function agree(into: string, made: MapSettings | undefined, given: Partial<Agreed>): Agreed {
  const { metric = 'euclidean', dims = 2, dof = 1 } = made ?? given;
  const agreed = { metric, dims, dof };
  for (const name of ['metric', 'dims', 'dof'] as const) {
    if (given[name] === undefined || given[name] === agreed[name]) continue;
    throw new ConfigurationError(
      `--${name} is ${given[name]}, but ${into} was made with ${agreed[name]}: give the same, or leave it out`,
    );
  }
  return agreed;
}

/** Throws a {@link DataError} unless the map that points are placed on can be one: a table, not a folder. */
export async function assertMapTable(into: string): Promise<void> {
  const found = await stat(into).catch(() => undefined);
  if (found?.isDirectory()) {
    const table = join(into, 'map.parquet');
    const inside = await stat(table).catch(() => undefined);
    throw new DataError(
      `${into} is a folder: --into takes the table of a map, such as ${inside ? table : 'map.parquet'}`,
    );
  }
  if (!isTable(into)) {
    throw new DataError(
      `${into} is not supported: --into takes a map that this command wrote, a table (.parquet, .csv, .ndjson) with columns x and y`,
    );
  }
}

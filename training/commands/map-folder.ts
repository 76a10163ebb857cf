import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Frame } from '../../bundle/frames.ts';
import { MAP_FORMAT, MAP_VERSION } from '../../bundle/integrity.ts';
import type { MapManifest } from '../../bundle/map-bundle.ts';
import { BundleWriter } from '../../bundle/node/writer.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { Metric } from '../../tsne/metrics.ts';
import type { Neighbours } from '../../tsne/types.ts';
import { ConfigurationError } from '../config/schema.ts';
import type { Vectors } from '../data/input/vectors.ts';
import { packFrames } from '../map/frames.ts';
import { encodeNeighbours } from '../map/map.ts';
import { writePlaces } from './map-places.ts';
import type { MapSettings } from './map-settings.ts';

/** Vectors with their file's name, and how they were compared. */
interface Mapped extends Vectors {
  readonly name: string;
  readonly metric: Metric;
}

/** How a map was made, and how well. */
interface Made extends Omit<MapManifest['map'], 'method' | 'points' | 'neighbours' | 'frames'> {
  readonly seconds: number;
}

/**
 * Prepares to write a map to a folder, as a bundle without a model, before the long work begins. Throws a
 * {@link ConfigurationError} for a map in space, which the dashboard does not show, or a BundleError if the folder holds
 * something else.
 */
export async function openMapFolder(out: string, dims: number) {
  if (dims !== 2) {
    throw new ConfigurationError(
      `a bundle has a map with 2 axes, not ${dims}: name a file with --out, such as --out map.parquet`,
    );
  }
  const writer = await BundleWriter.open(out, MAP_FORMAT);
  return {
    /** Writes the map and returns the names of the columns of `map.parquet`. */
    async write(
      vectors: Mapped,
      places: Float32Array,
      neighbours: Neighbours,
      frames: readonly Frame[],
      made: Made,
    ): Promise<string[]> {
      const { metric } = vectors;
      const { dof = 1, affinities = 'gaussian' } = made;
      const { bytes, names } = await encodeTable(vectors, places, { metric, dims: 2, dof, affinities });
      const nearest = encodeNeighbours(neighbours, vectors.n);
      const replay = await packFrames(frames, vectors.n);
      const { seconds, ...map } = made;
      await writer.write({
        manifest: {
          format: MAP_FORMAT,
          version: MAP_VERSION,
          name: basename(resolve(out)),
          data: { name: vectors.name, width: vectors.d, metric: vectors.metric },
          map: {
            method: 't-SNE',
            points: vectors.n,
            ...map,
            neighbours: nearest.neighbours,
            ...(replay && { frames: replay.frames }),
          },
          versions: { offmanifold: packageJson.version },
          run: { created_at: new Date().toISOString(), map_seconds: seconds },
        },
        files: new Map([['map.parquet', bytes], ...nearest.files, ...(replay?.files ?? [])]),
      });
      return names;
    },
    [Symbol.dispose]: () => writer.close(),
  };
}

/** The map as the bytes of a Parquet file. */
async function encodeTable(vectors: Vectors, places: Float32Array, settings: MapSettings) {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-map-'));
  try {
    const file = join(folder, 'map.parquet');
    const names = await writePlaces(file, vectors, places, settings);
    return { bytes: new Uint8Array(await readFile(file)), names };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

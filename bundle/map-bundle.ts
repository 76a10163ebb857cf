import * as z from 'zod';
import { BundleError } from './error.ts';
import { FRAMES_FILE } from './frames-file.ts';
import { MAP_FORMAT, MAP_VERSION, modelId } from './integrity.ts';
import { EmbeddingMap, FileEntry, type Manifest, RunSchema, sha256 } from './manifest.ts';
import { METRICS } from './map-metrics.ts';
import { MODEL_NAME } from './models.ts';
import { counting, positive, share } from './ranges.ts';
import { validateFile } from './validate.ts';

/** `manifest.json` of a map of vectors without a model: what it shows, how it was made, and its files. */
const MapManifestSchema = z.strictObject({
  format: z.literal(MAP_FORMAT),
  version: z.literal(MAP_VERSION),
  /** SHA-256 of the manifest, as for a model. */
  model_id: sha256,
  name: z.string().regex(MODEL_NAME),
  data: z.strictObject({
    /** The file that the vectors come from. */
    name: z.string(),
    /** How many numbers a vector has. */
    width: counting,
    metric: z.enum(METRICS),
  }),
  /** What was chosen for the map besides; absent: the defaults of `tsne` in that version. */
  map: EmbeddingMap.omit({ codes: true, metric: true }).extend({
    /** The share of the true neighbours that an approximate search has found, measured on a sample; absent after an exact one. */
    recall: share.optional(),
    dof: positive.optional(),
    exaggeration: z.number().min(1).optional(),
    late_exaggeration: z.number().min(1).optional(),
    tolerance: z.number().min(0).optional(),
  }),
  versions: z.record(z.string(), z.string()),
  run: RunSchema.omit({ train_seconds: true }),
  files: z.array(FileEntry).min(1),
});

export type MapManifest = z.infer<typeof MapManifestSchema>;

/** What any folder that can be served says about itself. */
export type AnyManifest = Manifest | MapManifest;

/** Checks a parsed `manifest.json` of a map: version, schema, files and its own id. */
export async function parseMapManifest(json: unknown, where = 'manifest.json'): Promise<MapManifest> {
  const version = z.looseObject({ version: z.number() }).safeParse(json).data?.version ?? 0;
  if (version > MAP_VERSION) {
    throw new BundleError(
      `${where} has format version ${version}, newer than ${MAP_VERSION}, the newest this program reads: update offmanifold`,
    );
  }
  const manifest = validateFile(MapManifestSchema, json, where);
  const { neighbours, frames } = manifest.map;
  for (const name of ['map.parquet', ...(neighbours?.files ?? []), ...(frames ? [FRAMES_FILE] : [])]) {
    if (!manifest.files.some((file) => file.name === name)) {
      throw new BundleError(`${where} is damaged: it does not list ${name}`);
    }
  }
  if ((await modelId(manifest)) !== manifest.model_id) {
    throw new BundleError(`${where} is damaged: its contents do not match its model_id`);
  }
  return manifest;
}

import * as z from 'zod';
import { TableColumnSchema } from './column-schema.ts';
import { BundleError } from './error.ts';
import { FRAMES_FILE } from './frames-file.ts';
import { FUSIONS } from './fusion.ts';
import { FORMAT, FORMAT_VERSION, MAP_FORMAT, modelId } from './integrity.ts';
import { METRICS } from './map-metrics.ts';
import { MODEL_NAME } from './models.ts';
import { counting, nonNegative, positive, properShare, whole } from './ranges.ts';
import { ROWS_FILE } from './rows-file.ts';
import { RowsSchema } from './rows-schema.ts';
import { WEIGHTS } from './scorer.ts';
import { ArchitectureSchema, TrainingSchema } from './training.ts';
import { validateFile } from './validate.ts';

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');

export const FileEntry = z.strictObject({ name: z.string().regex(/^[\w.-]+$/), bytes: whole, sha256 });

/** What happens to images after scaling to 0..1: a pose, then a Gaussian blur of `smoothing` pixels (0: none). */
const CanonicalSchema = z.strictObject({
  shape: z.tuple([counting, counting, counting]),
  pose: z.enum(['as_is', 'centred', 'deskewed']),
  smoothing: nonNegative,
});

export type Canonical = z.infer<typeof CanonicalSchema>;

/**
 * How raw values are scaled for training: (raw − low) / (high − low), or (raw − mean) / deviation for each feature, or
 * column by column for a table, whose raw values are numbers, flags, indices of categories, and days.
 */
export const ScalingSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('range'),
    low: z.number(),
    high: z.number(),
    canonical: CanonicalSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('standard'),
    mean: z.array(z.number()),
    deviation: z.array(positive),
  }),
  z.strictObject({ kind: z.literal('columns'), columns: z.array(TableColumnSchema).min(1) }),
]);

export type Scaling = z.infer<typeof ScalingSchema>;

const Data = z.strictObject({
  name: z.string(),
  /** The shape of a sample, row-major: height × width × channels for images, one dimension for rows of a table. */
  shape: z.array(counting).min(1),
  /** Raw values per sample. For a table, one per column. */
  features: counting,
  /** How many numbers the model sees of a sample: the same, except for a table. */
  encoded: counting,
  /** The names of the columns; null if they have none. */
  names: z.array(z.string()).nullable(),
  /** The column with the label or the class, which the model does not see; null without one. */
  label: z.string().nullable(),
  /** Other columns that the model does not see. */
  excluded: z.array(z.strictObject({ name: z.string(), why: z.string() })),
  /** The smallest and largest raw value that the scorer accepts; null if it accepts any number. */
  range: z.tuple([z.number(), z.number()]).nullable(),
  /** How the scorer's graph scales raw values. */
  scaling: ScalingSchema,
  classes: z.array(z.string()),
  splits: z.strictObject({ train: whole, validation: whole, calibration: whole, test: whole }),
});

const Scorer = z.strictObject({
  /** What `score` is: made of the detectors' surprises, in nats. Larger is more anomalous. */
  score: z.literal('fused'),
  /** How it is made of them; absent in older bundles, where it is the mean. */
  fusion: z.enum(FUSIONS).optional(),
  /** The detectors, in the order of the scorer's output `detectors`. */
  detectors: z.array(z.strictObject({ name: z.string(), title: z.string(), family: z.string() })).min(1),
  /** Share of the training samples that were set aside as the most suspicious before the detectors were fitted. */
  contamination: z.number().min(0).max(0.5),
  /** Number n of calibration scores: the smallest possible p-value is 1 / (n + 1). */
  calibration_count: counting,
  /** A sample is anomalous at a significance level exactly if its score is above the threshold for it. */
  thresholds: z.array(z.strictObject({ significance: properShare, score: z.number() })).min(1),
  /** How the large constants are stored, if a deployment has made them smaller than float32. */
  weights: z.enum(WEIGHTS).exclude(['f32']).optional(),
});

export const EmbeddingMap = z.strictObject({
  method: z.literal('t-SNE'),
  points: counting,
  /** Several: P is the mean of their affinities. With uniform affinities, the number of neighbours. */
  perplexity: z.union([positive, z.array(positive).min(1).readonly()]),
  /** Absent: those of Gaussians. */
  affinities: z.literal('uniform').optional(),
  /** How codes were compared, if not by Euclidean distance. */
  metric: z.enum(METRICS).optional(),
  iterations: counting,
  kl_divergence: z.number(),
  /** How many of the points, the first ones, `codes.bin` has; absent in older bundles, where it has all. */
  codes: counting.optional(),
  /**
   * The `k` nearest points of each point by code, nearest first: u32, little-endian, `per_file` points in a file. Absent if
   * `codes.bin` has all points.
   */
  neighbours: z
    .strictObject({
      k: counting,
      per_file: counting,
      files: z.array(z.string()).min(1),
    })
    .optional(),
  /** How many frames `map-frames.bin` has: see frames.ts. Absent without that file. */
  frames: counting.optional(),
});

/**
 * Thumbnails: the tile `t` of a point is number `t % per_sheet` of sheet `⌊t / per_sheet⌋`, with tiles in rows of `columns`.
 * In the order `place`, `t` follows from the places of the points: see tile-order.ts. Without it, as in older bundles, it is the
 * point's row in the map.
 */
const Sprites = z.strictObject({
  tile: z.tuple([counting, counting]),
  columns: counting,
  per_sheet: counting,
  order: z.literal('place').optional(),
  files: z.array(z.string()).min(1),
});

/** When a run took place, and for how long. */
export const RunSchema = z.strictObject({
  created_at: z.iso.datetime(),
  train_seconds: nonNegative,
  map_seconds: nonNegative,
});

/** `manifest.json`: what a bundle is, how it was made, and its files. */
export const ManifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(FORMAT_VERSION),
  model_id: sha256,
  name: z.string().regex(MODEL_NAME),
  data: Data,
  architecture: ArchitectureSchema,
  training: TrainingSchema,
  scorer: Scorer,
  map: EmbeddingMap,
  /** Null unless the samples are images. */
  sprites: Sprites.nullable(),
  /** What `rows.parquet` has of the map's points; absent in older bundles, and in those that keep no rows. */
  rows: RowsSchema.optional(),
  headline: z.record(z.string(), z.number()),
  versions: z.record(z.string(), z.string()),
  /** When training ran, and for how long: the only part that differs between two runs with the same seed. Not part of the id. */
  run: RunSchema,
  files: z.array(FileEntry).min(1),
});

export type Manifest = z.infer<typeof ManifestSchema>;

/** The files that every bundle has. */
export const REQUIRED_FILES = [
  'scorer.onnx',
  'decoder.onnx',
  'map.parquet',
  'codes.bin',
  'report.json',
] as const;

/** Checks a parsed `manifest.json`: format, version, schema, required files and its own id. */
export async function parseManifest(json: unknown, where = 'manifest.json'): Promise<Manifest> {
  const head = z.looseObject({ format: z.string(), version: z.number() }).safeParse(json);
  if (head.data?.format === MAP_FORMAT) {
    throw new BundleError(
      `${where} is that of a map without a model: expected a bundle that npx offmanifold train wrote`,
    );
  }
  if (!head.success || head.data.format !== FORMAT) {
    throw new BundleError(`${where} is not the manifest of an offmanifold bundle`);
  }
  if (head.data.version > FORMAT_VERSION) {
    throw new BundleError(
      `${where} has format version ${head.data.version}, newer than ${FORMAT_VERSION}, the newest this program reads: update offmanifold`,
    );
  }
  if (head.data.version < FORMAT_VERSION) {
    throw new BundleError(
      `${where} has format version ${head.data.version}, older than ${FORMAT_VERSION}, the only one this program reads: train again, with npx offmanifold train`,
    );
  }
  const manifest = validateFile(ManifestSchema, json, where);
  const listed = [
    ...REQUIRED_FILES,
    ...(manifest.sprites?.files ?? []),
    ...(manifest.map.neighbours?.files ?? []),
    ...(manifest.map.frames ? [FRAMES_FILE] : []),
    ...(manifest.rows ? [ROWS_FILE] : []),
  ];
  for (const name of listed) {
    if (!manifest.files.some((file) => file.name === name)) {
      throw new BundleError(`${where} is damaged: it does not list ${name}`);
    }
  }
  if ((await modelId(manifest)) !== manifest.model_id) {
    throw new BundleError(`${where} is damaged: its contents do not match its model_id`);
  }
  return manifest;
}

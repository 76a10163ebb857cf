import { kindOf } from '../../bundle/kind.ts';
import { listChoices } from '../../bundle/list.ts';
import { LEVELS } from '../../bundle/p-value.ts';
import type { Training } from '../../bundle/training.ts';
import { MOST_KERNEL_BYTES } from '../../kernels/kernels.ts';
import { Autoencoder } from '../autoencoder/autoencoder.ts';
import { countRunBytes } from '../autoencoder/run.ts';
import { DATA_DEFAULTS } from '../config/presets.ts';
import { resolveConfiguration } from '../config/resolve.ts';
import { type Configuration, ConfigurationError } from '../config/schema.ts';
import { plural } from '../console/plural.ts';
import { describeTooFew, LEAST_SAMPLES } from '../data/datasets/split.ts';
import type { Source } from '../data/source.ts';
import { isDefaultSplit, LEAST_CALIBRATION } from '../data/sources/held-out.ts';
import { assertAffinities } from '../map/affinities.ts';
import { chooseFrames } from '../map/frames.ts';
import { MOST_VALUES as MOST_ROW_VALUES } from '../map/rows.ts';
import { assertFits, CONTAMINATION, chooseMembers, FUSION } from '../scorer/members.ts';

/** Points on a map, unless an option says otherwise, and the values that they may have in all. */
const MOST_POINTS = 100_000;
const MOST_IMAGE_VALUES = 2 ** 26;
const LEAST_TESTED = 10_000;

/** A map needs at least this many points. */
const LEAST_POINTS = 4;

/** What a plan needs to know about the data: its shape, and the sizes of the splits. */
export type PlannedData = Pick<Source, 'shape' | 'encoded' | 'scaling'> &
  Readonly<Record<'train' | 'validation' | 'calibration' | 'test', { readonly count: number }>>;

/** Points that are compared in all pairs, at most: more would take many minutes. */
const MOST_COMPARED = 20_000;

/** Everything that a run is going to do. */
export type Plan = ReturnType<typeof planRun>;

/** Resolves a configuration for the data. Throws a ConfigurationError if the two do not fit. */
export function planRun(data: PlannedData, configuration: Configuration) {
  const { shape, encoded, scaling, train, calibration } = data;
  const kind = kindOf(data);
  assertEnough(data, configuration);
  const { preset, blueprint, training } = resolveConfiguration(configuration, {
    // The model sees the encoded columns of a table.
    shape: kind === 'table' ? [encoded] : shape,
    count: train.count,
    scaling: scaling.kind,
  });
  const points = countPoints(data, configuration);
  if (points < LEAST_POINTS) {
    throw new ConfigurationError(
      `there ${points === 1 ? 'is' : 'are'} ${plural(points, 'sample')} for the map; it needs at least ${LEAST_POINTS}: use more data or a larger --test`,
    );
  }
  if (calibration.count < LEAST_CALIBRATION) {
    throw new ConfigurationError(
      `there ${calibration.count === 1 ? 'is' : 'are'} ${plural(calibration.count, 'calibration sample')}; a p-value of ${Math.max(...LEVELS)} needs at least ${LEAST_CALIBRATION}: use more data or a larger --calibration`,
    );
  }
  const most = Math.floor((points - 1) / 3);
  const perplexity = configuration.perplexity ?? Math.min(DATA_DEFAULTS.perplexity, most);
  const { affinities, map_metric: metric = 'euclidean' } = configuration;
  assertAffinities({ perplexity, affinities }, points);
  if (metric === 'manhattan' && points > MOST_COMPARED) {
    throw new ConfigurationError(
      `map_metric is manhattan, which compares all pairs: a map of ${plural(points, 'point')} takes euclidean, cosine or correlation; with --map-points, up to ${MOST_COMPARED} points take it`,
    );
  }
  if (metric === 'correlation' && blueprint.code === 1) {
    throw new ConfigurationError(
      'map_metric is correlation, which codes of one number do not have: use another, or a larger code',
    );
  }
  const iterations = configuration.iterations ?? DATA_DEFAULTS.iterations;
  const frames = chooseFrames(configuration.frames, points, iterations);
  const members = chooseMembers(configuration.detectors, {
    kind,
    shape,
    variational: blueprint.variational,
    keepsNoRows: configuration.keep_rows === 'none',
  });
  const contamination = configuration.contamination ?? CONTAMINATION[kind];
  // The default suits the default members; others that are named keep the mean.
  const fusion = configuration.fusion ?? (configuration.detectors ? 'mean' : FUSION[kind]);
  assertFits(members, { count: train.count, contamination, encoded, code: blueprint.code });
  const model = new Autoencoder(blueprint);
  assertMemory(model, data, training);
  return {
    preset,
    training,
    model,
    members,
    fusion,
    contamination,
    map: { points, total: countSamples(data), perplexity, affinities, metric, iterations, frames },
  };
}

const countSamples = ({ train, validation, calibration, test }: PlannedData): number =>
  train.count + validation.count + calibration.count + test.count;

/**
 * How many points the map has. By default all samples up to 100,000; fewer if they have so many values that the thumbnails or rows
 * in the bundle would become too large, but then as many test samples as before. A model that keeps no rows has only test samples on its map.
 */
function countPoints(data: PlannedData, { map_points, keep_rows }: Configuration): number {
  const { shape, test } = data;
  const all = keep_rows === 'none' ? test.count : countSamples(data);
  const features = shape.reduce((a, b) => a * b, 1);
  const values = kindOf(data) === 'image' ? MOST_IMAGE_VALUES : MOST_ROW_VALUES;
  const room = Math.min(MOST_POINTS, Math.floor(values / features));
  return Math.min(map_points ?? Math.max(room, Math.min(test.count, LEAST_TESTED)), all);
}

/** Throws a ConfigurationError if there are too few samples for the default options, whatever it is that they leave too few of. */
function assertEnough(data: PlannedData, configuration: Configuration): void {
  const { detectors, contamination } = configuration;
  if (kindOf(data) === 'image' || detectors || contamination !== undefined || !isDefaultSplit(configuration))
    return;
  const { train, validation, calibration, test } = data;
  const count = train.count + validation.count + calibration.count + test.count;
  if (count < LEAST_SAMPLES) throw new ConfigurationError(describeTooFew(count));
}

/** Throws a ConfigurationError if the model is too large to be trained. */
function assertMemory(model: Autoencoder, data: PlannedData, training: Training): void {
  const bytes = countRunBytes(model, data, training);
  if (bytes <= MOST_KERNEL_BYTES) return;
  const gigabytes = (n: number) => Number((n / 2 ** 30).toPrecision(3));
  const millions = Math.round(model.architecture.parameters / 1e6).toLocaleString('en');
  const options = [
    kindOf(data) === 'image' ? 'smaller images (--shape resizes a folder of images)' : 'fewer columns',
    'smaller --widths',
    ...(model.blueprint.kind === 'convolutional' ? ['smaller --channels', 'larger --strides'] : []),
  ];
  throw new ConfigurationError(
    `${describeLayers(model)}: training ${millions} million parameters takes ${gigabytes(bytes)} GiB, and at most ${gigabytes(MOST_KERNEL_BYTES)} GiB fit: use ${listChoices(options)}`,
  );
}

/** A model's layers in short: 784-512-128-64-128-512-784, or 28×28×1 → conv 16, 32 → 64. */
export function describeLayers({ blueprint }: Autoencoder): string {
  if (blueprint.kind === 'dense') return blueprint.widths.join('-');
  const { shape, channels, widths, code } = blueprint;
  return [shape.join('×'), `conv ${channels.join(', ')}`, ...widths, code].join(' → ');
}

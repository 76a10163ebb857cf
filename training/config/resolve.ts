import { type Training, TrainingSchema } from '../../bundle/training.ts';
import type { Blueprint } from '../autoencoder/autoencoder.ts';
import { outputsOf } from '../autoencoder/losses.ts';
import { canSplitBatch, checkTogether, checkUsed } from './compatibility.ts';
import {
  assertImages,
  countFeatures,
  type DataShape,
  MODEL_DEFAULTS,
  PRESETS,
  TRAINING_DEFAULTS,
} from './presets.ts';
import { type Configuration, ConfigurationError } from './schema.ts';

/** The options with all defaults filled in: the model, and how it is trained. */
export interface Resolved {
  preset: NonNullable<Configuration['preset']>;
  blueprint: Blueprint;
  training: Training;
}

/**
 * Fills in the options that are not given, from the preset and the data. Throws a {@link ConfigurationError} that
 * names the options that do not fit together.
 */
export function resolveConfiguration(given: Configuration, data: DataShape): Resolved {
  const preset = given.preset ?? choosePreset(data.shape);
  const settings = fillIn(given, preset, data);
  checkUsed(given, settings, { ...TRAINING_DEFAULTS, ...MODEL_DEFAULTS });
  const blueprint = buildBlueprint(given, settings, data);
  const batch = given.batch ?? Math.max(1, Math.min(settings.batch, data.count));
  const trained = Object.keys(TRAINING_DEFAULTS).map((key) => [key, settings[key as keyof Settings]]);
  const training = TrainingSchema.parse({
    ...Object.fromEntries(trained),
    batch,
    micro_batch:
      given.micro_batch ?? (canSplitBatch(blueprint, settings) ? chooseMicroBatch(blueprint, batch) : batch),
  });
  checkTogether(blueprint, training, data);
  return { preset, blueprint, training };
}

/** Images with more values than this get convolutions, with which the model stays small. */
const MOST_DENSE = 64 * 64;

function choosePreset(shape: readonly number[]): Resolved['preset'] {
  if (shape.length !== 3) return 'tabular';
  return countFeatures(shape) > MOST_DENSE ? 'image' : 'small';
}

/** The given options over those of the preset over the defaults. */
const fillIn = (given: Configuration, preset: Resolved['preset'], data: DataShape) => ({
  ...MODEL_DEFAULTS,
  code_activation: given.sparsity === 'kl' ? ('sigmoid' as const) : ('linear' as const),
  columns: [],
  ...TRAINING_DEFAULTS,
  loss: chooseLoss(data, given.variational === true),
  ...PRESETS[preset](data),
  ...given,
});

/** A variational model needs a likelihood. */
function chooseLoss({ scaling }: DataShape, variational: boolean): NonNullable<Configuration['loss']> {
  if (scaling === 'range') return 'binary_cross_entropy';
  return variational ? 'gaussian_nll' : 'mean_squared_error';
}

type Settings = ReturnType<typeof fillIn>;

function buildBlueprint(given: Configuration, settings: Settings, data: DataShape): Blueprint {
  const outputs = outputsOf(settings.loss);
  const bounded = data.scaling === 'range' || !outputs.includes('linear');
  const layers = {
    code: settings.code!,
    activation: settings.activation,
    code_activation: settings.code_activation,
    normalisation: settings.normalisation,
    dropout: settings.dropout,
    variational: settings.variational,
    output: given.output ?? (bounded ? outputs[0] : ('linear' as const)),
    columns: settings.columns,
  };
  if (settings.architecture === 'convolutional') {
    const channels = settings.channels ?? [16, 32];
    assertImages(data, 'architecture convolutional');
    const [height, width, depth] = data.shape;
    return {
      kind: 'convolutional',
      shape: [height, width, depth],
      channels,
      strides: settings.strides ?? channels.map(() => 2),
      kernel: settings.kernel,
      widths: settings.widths ?? [],
      ...layers,
    };
  }
  return {
    kind: 'dense',
    widths: mirrorWidths(countFeatures(data.shape), settings.widths ?? [], layers.code),
    tied: settings.tied,
    ...layers,
  };
}

const mirrorWidths = (features: number, widths: readonly number[], code: number) => [
  features,
  ...widths,
  code,
  ...widths.toReversed(),
  features,
];

/** About how many bytes the feature maps of a micro-batch may take, so that they fit in a processor's caches. */
const MICRO_BATCH_BYTES = 96 * 2 ** 20;

/** The largest power of two whose feature maps fit in {@link MICRO_BATCH_BYTES}; the whole batch for a dense network. */
function chooseMicroBatch(model: Blueprint, batch: number): number {
  if (model.kind === 'dense') return batch;
  let [height, width] = model.shape;
  let values = 0;
  for (const [i, channels] of model.channels.entries()) {
    [height, width] = [height, width].map((d) => Math.ceil(d / (model.strides[i] ?? 1)));
    values += 2 * channels * height * width;
  }
  const most = Math.max(1, MICRO_BATCH_BYTES / (4 * values));
  return Math.min(batch, 2 ** Math.floor(Math.log2(most)));
}

import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Architecture, Training } from '../../bundle/training.ts';
import { formatCount, formatDuration, formatPercent } from '../common/format.ts';
import { detectorName } from './detectors.ts';
import { readableName } from './terms.ts';

const ACTIVATIONS: Partial<Record<Architecture['activation'], string>> = {
  relu: 'ReLU',
  leaky_relu: 'leaky ReLU',
  elu: 'ELU',
  gelu: 'GELU',
  silu: 'SiLU',
};

const OPTIMISERS: Record<Training['optimiser'], string> = {
  sgd: 'SGD',
  momentum: 'SGD with momentum',
  nesterov: 'SGD with Nesterov momentum',
  rmsprop: 'RMSprop',
  adam: 'Adam',
  adamw: 'AdamW',
};

/** An architecture in one line: `dense, 784 – 512 – 64 – 512 – 784, ReLU`. */
export function describeArchitecture(architecture: Architecture): string {
  const { activation, normalisation, dropout, variational } = architecture;
  const layers =
    architecture.kind === 'dense' ? architecture.widths.join(' – ') : describeConvolutions(architecture);
  return [
    `${variational ? 'variational ' : ''}${architecture.kind}`,
    layers,
    ACTIVATIONS[activation] ?? activation,
    normalisation === 'none' ? '' : `${normalisation} normalisation`,
    dropout > 0 ? `dropout ${formatPercent(dropout)}` : '',
    architecture.kind === 'dense' && architecture.tied ? 'tied weights' : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** `28 × 28 × 1 → 16 channels (stride 2) → 32 channels (stride 2) → 64, by 3 × 3 windows, and back`. */
function describeConvolutions({
  shape,
  channels,
  strides,
  kernel,
  widths,
  code,
}: Extract<Architecture, { kind: 'convolutional' }>): string {
  const convolutions = channels.map((count, i) =>
    strides[i] === 1 ? `${count} channels` : `${count} channels (stride ${strides[i]})`,
  );
  const layers = [shape.join(' × '), ...convolutions, ...widths, code].join(' → ');
  return `${layers}, by ${kernel} × ${kernel} windows, and back`;
}

type Trained = Pick<Manifest, 'architecture' | 'training'> & {
  data: Pick<Manifest['data'], 'scaling'>;
  scorer: Pick<Manifest['scorer'], 'detectors'>;
  run: Pick<Manifest['run'], 'train_seconds' | 'map_seconds'>;
};

/** How a model was trained, as names and values. Options that are off are left out. */
export function describeTraining({
  architecture,
  training: t,
  data,
  scorer,
  run,
}: Trained): [string, string][] {
  const facts: [string, string, boolean?][] = [
    ['Architecture', describeArchitecture(architecture)],
    ['Code', `${formatCount(architecture.code)} numbers, ${readableName(architecture.code_activation)}`],
    ['Parameters', formatCount(architecture.parameters)],
    ['Scaling', describeScaling(data.scaling)],
    ['Loss', describeLoss(t)],
    ['Divergence from the prior', describeBeta(t), architecture.variational],
    ['Optimiser', describeOptimiser(t)],
    ['Learning rate', describeRate(t)],
    ['Epochs', `at most ${t.epochs}${t.patience > 0 ? `; stops after ${t.patience} without progress` : ''}`],
    ['Batch', describeBatch(t)],
    ['Corruption', `${readableName(t.corruption)}, ${t.corruption_level}`, t.corruption !== 'none'],
    ['Sparsity', describeSparsity(t), t.sparsity !== 'none'],
    ['Contraction', `weight ${t.contraction}`, t.contraction > 0],
    ['Trimming', `without the worst ${formatPercent(t.trim)} of each batch`, t.trim > 0],
    ['Detectors', scorer.detectors.map(detectorName).join('; ')],
    ['Seed', String(t.seed)],
    [
      'Time',
      `${formatDuration(run.train_seconds)} for training, ${formatDuration(run.map_seconds)} for the map`,
    ],
  ];
  return facts.filter(([, , shown = true]) => shown).map(([name, value]) => [name, value]);
}

function describeScaling(scaling: Manifest['data']['scaling']): string {
  switch (scaling.kind) {
    case 'range':
      return `${scaling.low} to ${scaling.high} becomes 0 to 1`;
    case 'standard':
      return 'each feature to mean 0 and standard deviation 1';
    case 'columns':
      return `column by column, to numbers with standard deviation 1: ${describeColumns(scaling.columns)}`;
  }
}

/** `3 numbers, 1 category`. */
function describeColumns(columns: readonly TableColumn[]): string {
  const plurals = { number: 'numbers', flag: 'flags', category: 'categories', date: 'dates' };
  return (['number', 'flag', 'category', 'date'] as const)
    .flatMap((kind) => {
      const count = columns.filter((column) => column.kind === kind).length;
      return count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? kind : plurals[kind]}`];
    })
    .join(', ');
}

const describeLoss = (t: Training) =>
  readableName(t.loss) + (t.loss === 'huber' ? `, linear from ${t.huber_delta}` : '');

const describeBeta = (t: Training) =>
  `weight ${t.beta}${t.beta_warmup_epochs > 0 ? `, rising for ${t.beta_warmup_epochs} epochs` : ''}`;

const describeOptimiser = (t: Training) =>
  [
    OPTIMISERS[t.optimiser],
    t.weight_decay > 0 ? `weight decay ${t.weight_decay}` : '',
    t.clip_norm > 0 ? `gradients clipped to norm ${t.clip_norm}` : '',
    t.clip_value > 0 ? `gradients clipped to ±${t.clip_value}` : '',
  ]
    .filter(Boolean)
    .join(', ');

function describeRate(t: Training): string {
  const schedules: Record<Training['schedule'], string> = {
    constant: 'constant',
    step: `times ${t.rate_factor} every ${t.step_epochs} epochs`,
    cosine: 'falling as a cosine',
    one_cycle: 'rising and falling in one cycle',
    plateau: `times ${t.rate_factor} after ${t.plateau_patience} epochs without progress`,
  };
  const warmup = t.warmup_epochs > 0 ? `, rising in the first ${epochs(t.warmup_epochs)}` : '';
  return `${t.learning_rate}, ${schedules[t.schedule]}${warmup}`;
}

const epochs = (count: number) => (count === 1 ? 'epoch' : `${count} epochs`);

const describeBatch = (t: Training) =>
  t.micro_batch < t.batch ? `${t.batch}, in parts of ${t.micro_batch}` : String(t.batch);

const describeSparsity = (t: Training) =>
  `${t.sparsity === 'kl' ? `KL divergence from ${t.sparsity_target}` : 'L1'}, weight ${t.sparsity_weight}`;

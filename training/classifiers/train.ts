import { Random } from '../../kernels/random.ts';
import { trainEpochs } from '../network/epochs.ts';
import { STREAM, Trainer, type Weights } from '../network/trainer.ts';
import { serialise } from '../onnx/serialise.ts';
import { runRows } from '../runtime/run-rows.ts';
import { createSession, type SessionOptions, tensor } from '../runtime/session.ts';
import { assertLabelled, assertRows, type Classifier, type FitOptions, type Labelled } from './classifier.ts';
import {
  buildClassifierGraph,
  buildClassifierStep,
  type Network,
  parametersOf,
  type Standardisation,
} from './network.ts';

/** How a network is trained, with AdamW, whose rate rises for an epoch and then falls to 0. */
export interface Recipe {
  epochs: number;
  batch: number;
  /** The peak of the schedule. */
  learningRate: number;
  weightDecay: number;
  /** Changes each row that goes into a batch, so that epochs differ. */
  augment?: (row: Float32Array, random: Random) => void;
}

/** Rows in one run of the trained network. */
const CHUNK = 500;

/**
 * Trains a network to classify rows, in mini-batches that are reshuffled in each epoch. The same rows, recipe, seed
 * and machine give the same weights, whatever the number of threads. Throws a RangeError if rows and labels do not
 * fit together.
 */
export async function trainNetwork(
  network: Network,
  samples: Labelled,
  recipe: Recipe,
  options: FitOptions,
): Promise<Classifier> {
  assertLabelled(samples);
  const standardisation = measureStandardisation(samples);
  const { epochs = recipe.epochs, seed, onProgress } = options;
  const batch = Math.min(recipe.batch, samples.n);
  const objective = buildClassifierStep(network, standardisation);
  await using trainer = await Trainer.create(
    { parameters: parametersOf(network), averages: network.layers.flatMap((layer) => layer.averages) },
    { step: objective },
    {
      seed,
      initialisation: 'auto',
      optimiser: 'adamw',
      momentum: 0.9,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weight_decay: recipe.weightDecay,
      clip_norm: 0,
      clip_value: 0,
    },
    { ...options, rows: batch },
  );
  const task = new ClassifierTask(trainer, samples, seed, batch, recipe.augment);
  const schedule = {
    schedule: 'cosine',
    learning_rate: recipe.learningRate,
    epochs,
    warmup_epochs: Math.min(1, epochs / 4),
    step_epochs: 1,
    rate_factor: 0.5,
    plateau_patience: 1,
  } as const;
  const { weights } = await trainEpochs(
    task,
    { ...schedule, batch, clip_norm: 0, patience: 0 },
    { onProgress: ({ epoch, done, of }) => onProgress?.((epoch - 1 + done / of) / epochs) },
  );
  return exportClassifier(network, standardisation, weights, options);
}

/** Measures the mean of the rows and one scale that brings their mean variance to 1 and so keeps directions. */
function measureStandardisation({ values, n, d }: Labelled): Standardisation {
  const mean = new Float64Array(d);
  for (let p = 0; p < values.length; p++) mean[p % d] += values[p] / n;
  let variance = 0;
  for (let p = 0; p < values.length; p++) variance += (values[p] - mean[p % d]) ** 2;
  const deviation = Math.sqrt(variance / values.length);
  return { mean: Float32Array.from(mean), scale: deviation > 0 ? 1 / deviation : 1 };
}

/** Turns a network and its weights into a classifier. */
async function exportClassifier(
  network: Network,
  standardisation: Standardisation,
  weights: Weights,
  options: SessionOptions,
): Promise<Classifier> {
  const model = serialise(buildClassifierGraph(network, standardisation, weights), 'classifier');
  const session = await createSession(model, options);
  const { dims, classes } = network;
  return {
    parameters: parametersOf(network).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    bytes: model.length,
    async predict(rows) {
      assertRows(rows, dims);
      const { logits } = await runRows(session, rows, ['logits'], { chunk: CHUNK });
      return Uint8Array.from({ length: rows.n }, (_, i) =>
        indexOfLargest(logits.subarray(i * classes, (i + 1) * classes)),
      );
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

const indexOfLargest = (values: Float32Array) =>
  values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

/** Feeds labelled rows to the trainer in batches. */
class ClassifierTask {
  readonly trainer: Trainer;
  readonly #samples: Labelled;
  readonly #seed: number;
  readonly #augment: Recipe['augment'];
  readonly #order: Uint32Array;
  readonly #x: Float32Array;
  /** One-hot. */
  readonly #target: Float32Array;
  #random = new Random(0);

  constructor(trainer: Trainer, samples: Labelled, seed: number, batch: number, augment: Recipe['augment']) {
    this.trainer = trainer;
    this.#samples = samples;
    this.#seed = seed;
    this.#augment = augment;
    this.#order = new Uint32Array(samples.n).map((_, i) => i);
    this.#x = new Float32Array(batch * samples.d);
    this.#target = new Float32Array(batch * samples.classes);
  }

  get count(): number {
    return this.#samples.n;
  }

  shuffle(epoch: number): void {
    Random.stream(this.#seed, STREAM.order, epoch - 1).shuffle(this.#order);
    this.#random = Random.stream(this.#seed, STREAM.augmentation, epoch - 1);
  }

  async step(start: number, size: number, rate: number, t: number): Promise<number> {
    const { values, d, labels, classes } = this.#samples;
    const x = this.#x.subarray(0, size * d);
    const target = this.#target.subarray(0, size * classes).fill(0);
    for (let i = 0; i < size; i++) {
      const from = this.#order[start + i];
      const row = x.subarray(i * d, (i + 1) * d);
      row.set(values.subarray(from * d, (from + 1) * d));
      this.#augment?.(row, this.#random);
      target[i * classes + labels[from]] = 1;
    }
    const feeds = { x: tensor(x, [size, d]), target: tensor(target, [size, classes]) };
    const loss = await this.trainer.takeGradient(feeds, size, t);
    if (Number.isFinite(loss)) await this.trainer.update(rate, t);
    return loss;
  }
}

import type { Manifest } from '../../bundle/manifest.ts';
import type { LossName } from '../autoencoder/losses.ts';
import type { TrainingProgress } from '../autoencoder/train.ts';
import type { MapOptions } from '../map.ts';
import { DEFAULTS, runPipeline } from '../pipeline.ts';
import { duration, Progress } from '../progress.ts';

/** What `train` and `start` take. */
export interface TrainFlags {
  seed: number;
  epochs: number;
  batch: number;
  learningRate: number;
  loss: LossName;
  limit?: number;
  mapPoints: number;
  perplexity: number;
  iterations: number;
  threads?: number;
}

/** Trains on MNIST, makes the map and writes the bundle, with progress on standard error. */
export async function train(out: string, flags: TrainFlags): Promise<Manifest> {
  const progress = new Progress();
  const began = performance.now();
  const { perplexity, iterations, ...training } = flags;
  const manifest = await runPipeline({
    ...DEFAULTS,
    ...training,
    out,
    map: { perplexity, iterations, onProgress: mapProgress(progress) },
    onStage: (stage) => progress.line(stage),
    onTraining: (p) => showTraining(progress, p),
  });
  const seconds = (performance.now() - began) / 1000;
  progress.line(`${out}: model ${manifest.model_id.slice(0, 12)} in ${duration(seconds)}`);
  for (const [key, value] of Object.entries(manifest.headline))
    progress.line(`  ${key}  ${value.toPrecision(4)}`);
  return manifest;
}

function showTraining(progress: Progress, p: TrainingProgress): void {
  const parts = [
    `epoch ${p.epoch}/${p.epochs}`,
    `loss ${p.loss.toFixed(2)}`,
    ...(p.validationLoss === undefined ? [] : [`validation ${p.validationLoss.toFixed(2)}`]),
    `${Math.round(p.samplesPerSecond).toLocaleString('en')} images/s`,
    `${duration(p.secondsLeft)} left`,
  ];
  progress.update(parts.join('  '), (p.epoch - 1 + p.done / p.of) / p.epochs, p.done === p.of);
}

/** Shows the state of t-SNE, which reports every 50 iterations. */
export function mapProgress(progress: Progress): NonNullable<MapOptions['onProgress']> {
  let began = 0;
  let first = 0;
  return ({ iteration, iterations, klDivergence }) => {
    if (!began) [began, first] = [performance.now(), iteration];
    const pace = (performance.now() - began) / 1000 / Math.max(1, iteration - first);
    const left = iteration > first ? `${duration(pace * (iterations - iteration))} left` : '';
    const text = `iteration ${iteration}/${iterations}  KL divergence ${klDivergence.toFixed(3)}  ${left}`;
    progress.update(text, iteration / iterations, iteration % 250 === 0);
  };
}

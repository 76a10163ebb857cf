import { type RateRange, testRateRange } from '../autoencoder/rate-range.ts';
import { type Configuration, ConfigurationError } from '../config/schema.ts';
import { Progress } from '../console/progress.ts';
import { planRun } from '../pipeline/plan.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { openTrainingData } from './training-data.ts';

export interface RangeFlags extends SessionOptions {
  from: number;
  to: number;
  steps: number;
  json?: boolean;
}

/** Lines of the table that is printed. */
const ROWS = 24;
const WIDTH = 40;

/** Prints the loss by learning rate, and the rate to train with. */
export async function findLearningRate(
  data: string,
  configuration: Configuration,
  flags: RangeFlags,
): Promise<void> {
  const { from, to, steps, json } = flags;
  if (from >= to) {
    throw new ConfigurationError(`--from is ${from} and --to is ${to}: the rate has to rise`);
  }
  const progress = new Progress();
  const source = await openTrainingData(data, configuration, progress);
  try {
    const { training, model } = planRun(source, configuration);
    const found = await testRateRange(model, source, training, {
      ...flags,
      onStep: (step, rate, loss) =>
        progress.update(
          `step ${step}/${steps}  rate ${rate.toExponential(1)}  loss ${loss.toPrecision(4)}`,
          step / steps,
        ),
    });
    if (json) console.log(JSON.stringify(found));
    else {
      progress.line('');
      for (const line of describeRange(found, steps)) console.log(line);
    }
  } finally {
    await source.close();
  }
}

function describeRange({ rates, losses, suggested }: RateRange, steps: number): string[] {
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  const every = Math.max(1, Math.ceil(rates.length / ROWS));
  const row = (rate: string, loss: string, bar: string) => `${rate.padStart(8)}  ${loss.padStart(8)}  ${bar}`;
  const lines = [row('rate', 'loss', 'smoothed')];
  for (let i = 0; i < rates.length; i += every) {
    const bar = '█'.repeat(1 + Math.round((WIDTH * (losses[i] - least)) / (most - least || 1)));
    lines.push(row(rates[i].toExponential(1), losses[i].toPrecision(4), bar));
  }
  return [
    ...lines,
    ...(rates.length < steps ? ['beyond the last rate shown, the loss only rises'] : []),
    `suggested: --learning-rate ${suggested.toPrecision(1)} (a tenth of the rate with the smallest loss)`,
  ];
}

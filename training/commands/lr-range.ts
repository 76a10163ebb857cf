import { rateRange } from '../autoencoder/rate-range.ts';
import { type Configuration, ConfigurationError } from '../config/schema.ts';
import { Progress } from '../console/progress.ts';
import { planRun } from '../pipeline/plan.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { opened } from './train.ts';

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
export async function learningRateRange(
  data: string,
  configuration: Configuration,
  flags: RangeFlags,
): Promise<void> {
  if (flags.from >= flags.to) {
    throw new ConfigurationError(`--from is ${flags.from}, --to ${flags.to}: the rate has to rise`);
  }
  const progress = new Progress();
  const source = await opened(data, configuration, progress);
  const { training, model } = planRun(source, configuration);
  const { rates, losses, suggested } = await rateRange(model, source, training, {
    ...flags,
    onStep: (step, rate, loss) =>
      progress.update(
        `step ${step}/${flags.steps}  rate ${rate.toExponential(1)}  loss ${loss.toPrecision(4)}`,
        step / flags.steps,
      ),
  });
  await source.close();
  if (flags.json) {
    console.log(JSON.stringify({ rates, losses, suggested }));
    return;
  }
  progress.line('');
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  const every = Math.max(1, Math.ceil(rates.length / ROWS));
  console.log(`${'rate'.padStart(8)}  ${'loss'.padStart(8)}  smoothed`);
  for (let i = 0; i < rates.length; i += every) {
    const bar = '█'.repeat(1 + Math.round((WIDTH * (losses[i] - least)) / (most - least || 1)));
    console.log(`${rates[i].toExponential(1).padStart(8)}  ${losses[i].toPrecision(4).padStart(8)}  ${bar}`);
  }
  if (rates.length < flags.steps) console.log('from there on the loss only rises');
  console.log(
    `suggested: --learning-rate ${suggested.toPrecision(1)} (a tenth of the rate with the smallest loss)`,
  );
}

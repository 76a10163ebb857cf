import type { Training } from '../../bundle/training.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { Autoencoder } from './autoencoder.ts';
import { type TrainingData, TrainingRun } from './run.ts';

export interface RateRange {
  /** One entry per step: the learning rate, and the loss smoothed over about ten steps. */
  rates: number[];
  losses: number[];
  /** A tenth of the rate with the smallest loss: a good peak for the schedule. */
  suggested: number;
}

export interface RateRangeOptions extends SessionOptions {
  /** The rate rises from `from` to `to` in this many steps, by the same factor in each. */
  from: number;
  to: number;
  steps: number;
  onStep?: (step: number, rate: number, loss: number) => void;
}

/** Share of the newest loss in the smoothed one, and how far it may rise above the smallest. */
const SMOOTHING = 0.1;
const RISEN = 4;

/**
 * Runs the learning-rate range test (Smith 2017, section 3.3): a short run in which the rate rises from step to step.
 * The loss falls while the rate is useful, and rises once it is too large, where the test ends.
 */
export async function testRateRange(
  model: Autoencoder,
  data: TrainingData,
  training: Training,
  { from, to, steps, onStep, ...session }: RateRangeOptions,
): Promise<RateRange> {
  await using run = await TrainingRun.create(model, data, { ...training, beta_warmup_epochs: 0 }, session);
  const result: RateRange = { rates: [], losses: [], suggested: 0 };
  let smooth = 0;
  const { count } = data.train;
  const batch = Math.min(training.batch, count);
  const inEpoch = Math.floor(count / batch);
  for (let step = 0; step < steps; step++) {
    if (step % inEpoch === 0) run.shuffle(step / inEpoch + 1);
    const rate = from * (to / from) ** (step / Math.max(1, steps - 1));
    const loss = await run.step((step % inEpoch) * batch, batch, rate, step + 1);
    if (!Number.isFinite(loss)) break;
    smooth += SMOOTHING * (loss - smooth);
    const corrected = smooth / (1 - (1 - SMOOTHING) ** (step + 1));
    result.rates.push(rate);
    result.losses.push(corrected);
    onStep?.(step + 1, rate, corrected);
    const [least, first] = [Math.min(...result.losses), Math.abs(result.losses[0])];
    if (corrected - least > (RISEN - 1) * Math.max(Math.abs(least), first / 100)) break;
  }
  const least = result.losses.indexOf(Math.min(...result.losses));
  result.suggested = (result.rates[least] ?? from) / 10;
  return result;
}

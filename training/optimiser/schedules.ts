import type { Training } from '../../bundle/training.ts';

export type ScheduleSettings = Pick<
  Training,
  | 'schedule'
  | 'learning_rate'
  | 'epochs'
  | 'warmup_epochs'
  | 'step_epochs'
  | 'rate_factor'
  | 'plateau_patience'
>;

/** The learning rate over a run. */
export interface Schedule {
  /** The rate of a step; steps count from 0. */
  rate(step: number): number;
  /** Records the validation loss of an epoch, if the rate depends on it. */
  observe?(validationLoss: number): void;
  /** Saves what has been observed, as JSON; `restore` takes it back. */
  saveState?(): PlateauState;
  restore?(state: PlateauState): void;
}

export interface PlateauState {
  /** The smallest validation loss so far. */
  best: number | null;
  /** Epochs since then, or since the last drop of the rate. */
  bad: number;
  /** The current factor on the peak. */
  factor: number;
}

/** Creates the schedule for these settings; `learning_rate` is its peak. */
export function createSchedule(settings: ScheduleSettings, stepsAnEpoch: number): Schedule {
  return SCHEDULE[settings.schedule](settings, stepsAnEpoch);
}

const SCHEDULE: Readonly<Record<Training['schedule'], typeof createSchedule>> = {
  constant: ({ learning_rate }) => ({ rate: () => learning_rate }),
  step: ({ learning_rate, step_epochs, rate_factor }, stepsAnEpoch) => ({
    rate: (step) => learning_rate * rate_factor ** Math.floor(step / (step_epochs * stepsAnEpoch)),
  }),
  cosine: ({ learning_rate, epochs, warmup_epochs }, stepsAnEpoch) => ({
    rate: (step) =>
      cosine(step, epochs * stepsAnEpoch, Math.round(warmup_epochs * stepsAnEpoch), learning_rate),
  }),
  one_cycle: ({ learning_rate, epochs }, stepsAnEpoch) => ({
    rate: (step) => oneCycle(step, epochs * stepsAnEpoch, learning_rate),
  }),
  plateau: (settings) => new Plateau(settings),
};

/**
 * A linear warm-up over `warmup` steps to `peak`, then half a cosine down to zero (Loshchilov & Hutter 2017,
 * equation 5, without restarts).
 */
function cosine(step: number, total: number, warmup: number, peak: number): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  return 0.5 * peak * (1 + Math.cos((Math.PI * (step - warmup)) / Math.max(1, total - warmup)));
}

/** The share of a run over which the one-cycle rate rises, and over which it falls back. */
const CYCLE_SHARE = 0.45;
/** The peak over the rate at both ends of the cycle, and over the rate at the end of the run. */
const CYCLE_RATIO = 10;
const END_RATIO = 1000;

/**
 * The 1cycle policy (Smith 2018), without its momentum: linearly from a tenth of the peak up to it and back, then
 * down to a thousandth of the peak over the last tenth of the run.
 */
function oneCycle(step: number, total: number, peak: number): number {
  const along = step / Math.max(1, total - 1);
  const low = peak / CYCLE_RATIO;
  if (along < CYCLE_SHARE) return interpolate(low, peak, along / CYCLE_SHARE);
  if (along < 2 * CYCLE_SHARE) return interpolate(peak, low, along / CYCLE_SHARE - 1);
  return interpolate(low, peak / END_RATIO, (along - 2 * CYCLE_SHARE) / (1 - 2 * CYCLE_SHARE));
}

const interpolate = (from: number, to: number, share: number) => from + (to - from) * share;

/** Starts at the peak and drops by a factor whenever the validation loss has not fallen for `plateau_patience` epochs. */
class Plateau implements Schedule {
  readonly #settings: ScheduleSettings;
  #state: PlateauState = { best: null, bad: 0, factor: 1 };

  constructor(settings: ScheduleSettings) {
    this.#settings = settings;
  }

  rate(): number {
    return this.#settings.learning_rate * this.#state.factor;
  }

  observe(validationLoss: number): void {
    const state = this.#state;
    const { plateau_patience, rate_factor } = this.#settings;
    if (state.best === null || validationLoss < state.best) {
      state.best = validationLoss;
      state.bad = 0;
    } else if (++state.bad === plateau_patience) {
      state.bad = 0;
      state.factor *= rate_factor;
    }
  }

  saveState(): PlateauState {
    return { ...this.#state };
  }

  restore(state: PlateauState): void {
    this.#state = { ...state };
  }
}

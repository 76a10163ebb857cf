import { describe, expect, test } from 'vitest';
import { TrainingSchema } from '../../../bundle/training.ts';
import { createSchedule, type ScheduleSettings } from '../../../training/optimiser/schedules.ts';

const SETTINGS: ScheduleSettings = {
  schedule: 'constant',
  learning_rate: 0.4,
  epochs: 20,
  warmup_epochs: 2,
  step_epochs: 5,
  rate_factor: 0.5,
  plateau_patience: 3,
};
const SCHEDULES = TrainingSchema.shape.schedule.options;
const STEPS = 10;
const TOTAL = 200;

const create = (settings: Partial<ScheduleSettings>) => createSchedule({ ...SETTINGS, ...settings }, STEPS);
const rates = (settings: Partial<ScheduleSettings>) => {
  const schedule = create(settings);
  return Array.from({ length: TOTAL }, (_, step) => schedule.rate(step));
};

test('every schedule stays above zero and never goes above its peak', () => {
  for (const schedule of SCHEDULES) {
    for (const rate of rates({ schedule })) {
      expect(rate).toBeGreaterThan(0);
      expect(rate).toBeLessThanOrEqual(0.4);
    }
  }
});

test('constant: the peak throughout', () => {
  expect(new Set(rates({ schedule: 'constant' }))).toEqual(new Set([0.4]));
});

test('step: drops by a factor every few epochs', () => {
  const found = rates({ schedule: 'step' });
  for (const [step, rate] of found.entries()) {
    const expected = step < 50 ? 0.4 : step < 100 ? 0.2 : step < 150 ? 0.1 : 0.05;
    expect(rate).toBeCloseTo(expected, 12);
  }
});

describe('cosine', () => {
  test('rises linearly to the peak over the warm-up, then falls to zero as half a cosine', () => {
    const found = rates({ schedule: 'cosine' });
    expect(found[0]).toBeCloseTo(0.02, 12);
    expect(found[9]).toBeCloseTo(0.2, 12);
    expect(found[19]).toBeCloseTo(0.4, 12);
    expect(found[20]).toBeCloseTo(0.4, 12);
    expect(found[20 + 60]).toBeCloseTo(0.3, 12);
    expect(found[20 + 90]).toBeCloseTo(0.2, 12);
    expect(found[20 + 120]).toBeCloseTo(0.1, 12);
    expect(create({ schedule: 'cosine' }).rate(TOTAL)).toBeCloseTo(0, 12);
  });

  test('without a warm-up, and with a warm-up of part of an epoch', () => {
    expect(rates({ schedule: 'cosine', warmup_epochs: 0 })[0]).toBe(0.4);
    const found = rates({ schedule: 'cosine', warmup_epochs: 0.5 });
    expect(found.slice(0, 5)).toEqual([1, 2, 3, 4, 5].map((i) => expect.closeTo(0.08 * i, 12)));
    expect(found[6]).toBeLessThan(0.4);
  });

  test('with a warm-up of the whole run it only rises', () => {
    const found = rates({ schedule: 'cosine', warmup_epochs: 20 });
    expect(found[TOTAL - 1]).toBeCloseTo(0.4, 12);
  });
});

describe('one cycle', () => {
  test('rises linearly from a tenth of the peak and back, then falls to a thousandth', () => {
    const schedule = createSchedule({ ...SETTINGS, schedule: 'one_cycle', epochs: 1 }, 1001);
    const at = (share: number) => schedule.rate(1000 * share);
    expect(at(0)).toBeCloseTo(0.04, 12);
    expect(at(0.225)).toBeCloseTo(0.22, 12);
    expect(at(0.45)).toBeCloseTo(0.4, 12);
    expect(at(0.675)).toBeCloseTo(0.22, 12);
    expect(at(0.9)).toBeCloseTo(0.04, 12);
    expect(at(0.95)).toBeCloseTo((0.04 + 0.0004) / 2, 12);
    expect(at(1)).toBeCloseTo(0.0004, 12);
  });

  test('works for a single step', () => {
    expect(createSchedule({ ...SETTINGS, schedule: 'one_cycle', epochs: 1 }, 1).rate(0)).toBeCloseTo(
      0.04,
      12,
    );
  });
});

describe('plateau', () => {
  /** The rate after each of these validation losses. */
  function ratesAfter(losses: number[], schedule = create({ schedule: 'plateau' })): number[] {
    return losses.map((loss) => {
      schedule.observe!(loss);
      return schedule.rate(0);
    });
  }

  test('drops by the factor when the loss has not fallen for the patience, then waits again', () => {
    expect(ratesAfter([5, 5, 5, 5, 5, 5, 5, 5])).toEqual([0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1]);
  });

  test('a smaller loss restarts the wait, also one below zero', () => {
    expect(ratesAfter([1, 2, 2, -1, 0, 0, -2, -1, -1, -1])).toEqual([
      0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.2,
    ]);
  });

  test('a NaN loss does not count as falling', () => {
    expect(ratesAfter([1, Number.NaN, Number.NaN, Number.NaN, 0.5]).at(-1)).toBe(0.2);
  });

  test('resumes from its state as JSON, at any point', () => {
    const losses = [3, 2, 2.5, 2.5, 2.5, 1, 1, 1, 1, 2, 2, 2];
    const whole = ratesAfter(losses);
    for (let cut = 0; cut <= losses.length; cut++) {
      const first = create({ schedule: 'plateau' });
      const head = ratesAfter(losses.slice(0, cut), first);
      const second = create({ schedule: 'plateau' });
      second.restore!(JSON.parse(JSON.stringify(first.saveState!())));
      expect([...head, ...ratesAfter(losses.slice(cut), second)]).toEqual(whole);
    }
  });

  test('is the only one that looks at the loss', () => {
    for (const schedule of SCHEDULES) {
      expect(create({ schedule }).observe !== undefined).toBe(schedule === 'plateau');
    }
  });
});

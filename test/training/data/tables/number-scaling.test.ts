import { describe, expect, test } from 'vitest';
import { Random } from '../../../../kernels/random.ts';
import { chooseNumberScaling, type NumberScaling } from '../../../../training/data/tables/number-scaling.ts';

/** As many draws, sorted, with their mean and deviation. */
function drawn(count: number, draw: (random: Random) => number) {
  const random = new Random(5);
  const sorted = Float64Array.from({ length: count }, () => draw(random)).sort();
  const mean = sorted.reduce((sum, x) => sum + x, 0) / count;
  const scale = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count);
  return { sorted, moments: { center: mean, scale } };
}

const scaling = (wanted: NumberScaling, count: number, draw: (random: Random) => number) => {
  const { sorted, moments } = drawn(count, draw);
  return chooseNumberScaling(sorted, wanted, moments);
};

describe('the scaling that suits a column', () => {
  test('is by mean and deviation of normal, uniform, exponential and binary values', () => {
    const light = [
      (random: Random) => random.normal(),
      (random: Random) => random.uniform(),
      (random: Random) => -Math.log(1 - random.uniform()),
      (random: Random) => random.below(2),
    ];
    for (const draw of light) expect(scaling('auto', 20_000, draw).scaling).toBe('standard');
  });

  test('is robust where a few values are far off', () => {
    const found = scaling('auto', 20_000, (random) =>
      random.uniform() < 0.002 ? 1000 : 3 + 2 * random.normal(),
    );
    expect(found.scaling).toBe('robust');
    expect(found.center).toBeCloseTo(3, 1);
    expect(found.scale).toBeCloseTo(2, 1);
  });

  test('is by mean and deviation where many values are far off, unless the others would be lost', () => {
    const heavy = (far: number) =>
      scaling('auto', 20_000, (random) =>
        random.uniform() < 0.05 ? far * random.uniform() : random.normal(),
      );
    expect(heavy(100).scaling).toBe('standard');
    expect(heavy(10_000).scaling).toBe('robust');
  });

  test('has the knots of the quantiles if it is by quantiles', () => {
    const found = scaling('quantile', 50_000, (random) => Math.exp(2 * random.normal()));
    // The quantiles of a log-normal distribution are known: exp(2 z).
    for (const [k, z] of found.scores.entries()) {
      expect(z).toBeCloseTo(-3 + (6 * k) / 32, 6);
      if (Math.abs(z) < 2) expect(Math.log(found.knots[k]) / 2).toBeCloseTo(z, 1);
    }
    expect(found.knots.every((x, i) => i === 0 || x > found.knots[i - 1])).toBe(true);
  });

  test('is as it is wanted, unless that cannot be', () => {
    for (const wanted of ['standard', 'robust', 'quantile'] as const) {
      expect(scaling(wanted, 1000, (random) => random.normal()).scaling).toBe(wanted);
    }
    const mostlyZero = (random: Random) => (random.uniform() < 0.9 ? 0 : random.uniform());
    expect(scaling('robust', 1000, mostlyZero).scaling).toBe('standard');
    expect(scaling('quantile', 1000, (random) => random.below(2)).scaling).toBe('standard');
  });

  test('has one knot where many values are the same, at the mean of their scores', () => {
    const { knots, scores } = scaling('quantile', 10_001, (random) =>
      random.uniform() < 0.5 ? 0 : 1 + random.uniform(),
    );
    expect(knots[0]).toBe(0);
    expect(knots.filter((x) => x === 0).length).toBe(1);
    // The scores from −3 to about 0.
    expect(scores[0]).toBeCloseTo(-1.5, 0);
  });
});

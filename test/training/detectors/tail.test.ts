import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { runSubgraph } from '../../../training/detectors/run.ts';
import { computeSurprise, fitTail, type Tail } from '../../../training/detectors/tail.ts';

const standard: Tail = { units: 'log', floor: 0, median: 0, below: 1, above: 1 };

const computeSurprises = (scores: readonly number[], tail: Tail) =>
  runSubgraph((graph, x) => computeSurprise(graph, graph.squeeze(x, [1]), tail), {
    values: Float32Array.from(scores),
    n: scores.length,
    d: 1,
  });

/** −log(1 − Φ(z)): integrates the density by Simpson's rule with φ(z) factored out, so that no z underflows. */
function improbability(z: number): number {
  if (z < 0) return -Math.log1p(-Math.exp(-improbability(-z)));
  // 1 − Φ(z) = φ(z) ∫ exp(−z t − t²/2) dt, in t = u / (1 + z).
  const [steps, end] = [4000, 40];
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const t = (end * i) / steps / (1 + z);
    const weight = i === 0 || i === steps ? 1 : i % 2 ? 4 : 2;
    sum += weight * Math.exp(-z * t - (t * t) / 2);
  }
  const integral = ((end / steps) * sum) / 3 / (1 + z);
  return (z * z) / 2 + Math.log(2 * Math.PI) / 2 - Math.log(integral);
}

describe('the surprise of a standard normal score', () => {
  test('the integral agrees with published tables', () => {
    expect(Math.exp(-improbability(0))).toBeCloseTo(0.5, 9);
    expect(Math.exp(-improbability(1.959963985))).toBeCloseTo(0.025, 9);
    expect(Math.exp(-improbability(-1))).toBeCloseTo(0.841344746, 8);
    expect(improbability(10)).toBeCloseTo(-Math.log(7.619853024e-24), 6);
  });

  test('is log 2 at the median', async () => {
    expect((await computeSurprises([0], standard))[0]).toBeCloseTo(Math.LN2, 6);
  });

  test('above the median, is at most −log(1 − Φ(z)), and within 4.5 % of it', async () => {
    const z = Array.from({ length: 400 }, (_, i) => 0.001 * 1.053 ** i);
    const found = await computeSurprises(z, standard);
    for (const [i, value] of found.entries()) {
      const ratio = value / improbability(Math.fround(z[i]));
      expect(ratio, `z = ${z[i]}`).toBeGreaterThan(0.955);
      expect(ratio, `z = ${z[i]}`).toBeLessThan(1 + 1e-5);
    }
    expect(z.at(-1)).toBeGreaterThan(1e5);
  });

  test('below the median, is −log(1 − Φ(z)) to six digits', async () => {
    const z = Array.from({ length: 200 }, (_, i) => -i / 20);
    for (const [i, value] of (await computeSurprises(z, standard)).entries())
      expect(Math.abs(value - improbability(z[i])), `z = ${z[i]}`).toBeLessThan(2e-6);
  });

  test('never falls, is never negative and always a number', async () => {
    const z = [
      ...Array.from({ length: 4001 }, (_, i) => -40 + i / 50),
      ...Array.from({ length: 500 }, (_, i) => 40 * 1.0205 ** i),
      1e6,
    ];
    const found = await computeSurprises(
      z.sort((a, b) => a - b),
      standard,
    );
    for (let i = 0; i < z.length; i++) {
      expect(found[i], `z = ${z[i]}`).toBeGreaterThanOrEqual(0);
      if (i > 0) expect(found[i] - found[i - 1], `z = ${z[i]}`).toBeGreaterThan(-1e-6);
    }
    expect(found.at(-1)! / 5e11).toBeCloseTo(1, 5);
  });

  test('is finite for scores at and beyond the limits of float32', async () => {
    const found = await computeSurprises(
      [3e38, Number.POSITIVE_INFINITY, -3e38, Number.NEGATIVE_INFINITY],
      standard,
    );
    for (const value of found) expect(Number.isFinite(value)).toBe(true);
    expect(found[1]).toBe(found[0]);
    expect(found[3]).toBe(0);
  });
});

describe('the surprise of any score', () => {
  test('log units count deviations from the median, with one deviation for each side', async () => {
    const tail: Tail = { units: 'log', floor: 0, median: -3, below: 0.5, above: 4 };
    const found = await computeSurprises([-4, -3, 1, 9], tail);
    const expected = await computeSurprises([-2, 0, 1, 3], standard);
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });

  test('ratio units count deviations of the logarithm, from the floor on', async () => {
    const tail: Tail = { units: 'ratio', floor: 0.001, median: Math.log(2), below: 0.5, above: 0.25 };
    const found = await computeSurprises([2, 2 * Math.exp(0.75), 2 * Math.exp(-1), 0.001, 1e-9, 0], tail);
    const least = (Math.log(0.001) - Math.log(2)) / 0.5;
    const expected = await computeSurprises([0, 3, -2, least, least, least], standard);
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 4);
  });

  test('a larger score is at least as surprising, for any reference', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('ratio', 'log'),
        fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 40 }),
        fc.array(fc.float({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 2, maxLength: 20 }),
        async (units, reference, scores) => {
          const own = units === 'ratio' ? reference.map(Math.abs) : reference;
          const sorted = scores.toSorted((a, b) => a - b);
          const found = await computeSurprises(sorted, fitTail(Float32Array.from(own), units));
          for (const [i, value] of found.entries()) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(Number.isFinite(value)).toBe(true);
            if (i > 0) expect(value).toBeGreaterThan(found[i - 1] * (1 - 1e-6) - 1e-6);
          }
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  test('a score that one row in seven has is ordinary, where the others are nearly the same', async () => {
    const reference = Array.from({ length: 700 }, (_, i) => (i % 7 === 0 ? 1 : (i % 10) / 1000));
    const tail = fitTail(Float32Array.from(reference), 'log');
    const [often, twice] = await computeSurprises([1, 2], tail);
    expect(often).toBeLessThan(5);
    expect(twice).toBeGreaterThan(often + 2);
  });

  test('normal scores are flagged as often as their surprise says', async () => {
    const random = new Random(1);
    const draw = (n: number) => Array.from({ length: n }, () => 5 + 2 * random.normal());
    const tail = fitTail(Float32Array.from(draw(20_000)), 'log');
    const found = await computeSurprises(draw(20_000), tail);
    for (const level of [0.5, 0.2, 0.05, 0.01]) {
      const share = found.filter((value) => value > -Math.log(level)).length / 20_000;
      expect(Math.abs(share - level)).toBeLessThan(0.06 * level + 4 * Math.sqrt(level / 20_000));
    }
  });
});

describe('tailOf', () => {
  /** The quantile, interpolated between two values. */
  const quantile = (values: readonly number[], share: number) => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
    return low + (high - low) * (at - Math.floor(at));
  };
  const [sixteen, eightyFour] = [0.15865525393145707, 0.8413447460685429];

  test.each([1, 2, 3, 10, 101])('for %i logarithms: the median, and the deviations to 16 % and 84 %', (n) => {
    const random = new Random(n);
    const scores = Float32Array.from({ length: n }, () => random.normal() ** 3);
    const tail = fitTail(scores, 'log');
    const values = [...scores];
    expect(tail.median).toBeCloseTo(quantile(values, 0.5), 9);
    if (n === 1) return;
    expect(tail.below).toBeCloseTo(quantile(values, 0.5) - quantile(values, sixteen), 9);
    expect(tail.above).toBeCloseTo(quantile(values, eightyFour) - quantile(values, 0.5), 9);
  });

  test('for ratios, is the tail of their logarithms, with 0 raised to a thousandth of the median', () => {
    const scores = [0, 0.5, 1, 2, 4, 8, 16];
    const tail = fitTail(Float32Array.from(scores), 'ratio');
    // From the upper median of the six positive scores.
    expect(tail.floor).toBeCloseTo(0.004, 9);
    const logarithms = scores.map((score) => Math.log(Math.max(score, 0.004)));
    expect(tail.median).toBeCloseTo(Math.LN2, 9);
    expect(tail.below).toBeCloseTo(Math.LN2 - quantile(logarithms, sixteen), 6);
    expect(tail.above).toBeCloseTo(quantile(logarithms, eightyFour) - Math.LN2, 6);
  });

  test('the deviations are positive if all scores are equal, or all are 0', () => {
    const same = fitTail(new Float32Array(50).fill(4000), 'log');
    expect(same).toMatchObject({ median: 4000, below: 0.1, above: 0.1 });
    expect(fitTail(new Float32Array(50), 'ratio')).toMatchObject({ floor: 1e-3, below: 0.1, above: 0.1 });
  });

  test('if most scores are equal, the deviation comes from the others', () => {
    const scores = Float32Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0 : 1));
    // All but a tenth are at the floor, a thousandth of the others; two deviations away is one of the others.
    expect(fitTail(scores, 'ratio').above).toBeCloseTo(Math.log(1000) / 2, 6);
  });

  test('refuses an empty reference', () => {
    expect(() => fitTail(new Float32Array(0), 'log')).toThrow('a tail needs at least one score');
  });
});

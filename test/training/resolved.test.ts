import { describe, expect, test } from 'vitest';
import type { Configuration } from '../../training/configuration.ts';
import { matrixSource } from '../../training/data/source.ts';
import { resolved } from '../../training/pipeline.ts';
import { Random } from '../../training/random.ts';

/** The source of a matrix of random numbers. */
async function matrix(count: number, features: number, options: Configuration = {}) {
  const random = new Random(1);
  const values = Float32Array.from({ length: count * features }, () => random.normal());
  return matrixSource(values, [features], options);
}

describe('calibration samples', () => {
  test('are 9 of a small table, with which the largest level has a threshold', async () => {
    const source = await matrix(50, 3);
    expect(source.calibration.count).toBe(9);
    expect(source.validation.count + source.test.count + source.train.count).toBe(41);
    expect(() => resolved(source, {})).not.toThrow();
  });

  test('are a share of a larger one, and what the smallest can spare', async () => {
    expect((await matrix(200, 3)).calibration.count).toBe(30);
    const smallest = await matrix(10, 3);
    expect([smallest.calibration.count, smallest.train.count]).toEqual([5, 2]);
  });

  test('that are too few are refused before any work', async () => {
    const options = { calibration: 8 };
    const source = await matrix(100, 3, options);
    expect(() => resolved(source, options)).toThrow(
      'there are 8 calibration samples: at least 9 are needed for a p-value of 0.1; use more data, or a larger --calibration',
    );
    const one = await matrix(100, 3, { calibration: 1 });
    expect(() => resolved(one, {})).toThrow('there is 1 calibration sample: at least 9');
  });
});

import { expect, test } from 'vitest';
import type { Configuration } from '../../../training/config/schema.ts';
import { openMatrix } from '../../../training/data/sources/matrix.ts';
import { identify } from '../../../training/pipeline/identity.ts';

const values = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i * i));

async function identifyWith(configuration: Configuration) {
  await using source = await openMatrix(values, [2], configuration);
  return { train: source.train.count, identity: identify(source, { seed: 1 }) };
}

test('runs with as many training rows but other held-out rows are different runs', async () => {
  const configuration = { limit: 200, validation: 50, calibration: 20, test: 100 };
  const [first, again, other, shifted] = [
    await identifyWith(configuration),
    await identifyWith(configuration),
    await identifyWith({ ...configuration, calibration: 1000 }),
    await identifyWith({ ...configuration, calibration: 100, test: 20 }),
  ];
  expect(again.identity).toEqual(first.identity);
  for (const { train, identity } of [other, shifted]) {
    expect(train).toBe(first.train);
    expect(identity).not.toEqual(first.identity);
  }
});

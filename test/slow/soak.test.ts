import { expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../training/cli/options.ts';
import { soak } from '../support/soak.ts';

test('workerd answers 20,000 requests, and a leak of 1 kB in each would show', async () => {
  const { statuses, aborted, growth } = await soak(DEFAULT_MODEL, { warmUp: 8000, requests: 12_000 });
  expect(statuses.get(200)).toBeGreaterThan(10_000);
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  expect(aborted).toBeGreaterThan(0);
  expect(growth, 'kB a request').toBeLessThan(0.6);
});

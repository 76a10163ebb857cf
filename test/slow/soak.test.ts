import { expect, test } from 'vitest';
import { soak } from '../support/soak.ts';
import { TABLE_BUNDLE } from '../support/table-bundle.ts';

test('workerd answers 20,000 requests, and a leak of 1 kB in each would show', async () => {
  const { statuses, aborted, growth } = await soak('models/mnist', { warmUp: 8000, requests: 12_000 });
  expect(statuses.get(200)).toBeGreaterThan(10_000);
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  expect(aborted).toBeGreaterThan(0);
  expect(growth, 'kB a request').toBeLessThan(0.6);
});

test('workerd answers thousands of records, and its memory hardly grows', async () => {
  const { statuses, growth } = await soak(TABLE_BUNDLE, { warmUp: 2000, requests: 2400 });
  expect(statuses.get(200)).toBeGreaterThan(1000);
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  // The runtime still warms up.
  expect(growth, 'kB a request').toBeLessThan(2);
});

import { expect, test } from 'vitest';
import { soak } from '../support/soak.ts';
import { TABLE_BUNDLE } from '../support/table-bundle.ts';

test('workerd answers thousands of requests, and its memory hardly grows', async () => {
  const { statuses, growth } = await soak(TABLE_BUNDLE, { warmUp: 2000, requests: 2400 });
  expect(statuses.get(200)).toBeGreaterThan(1000);
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  // The runtime still warms up; test/slow/soak.test.ts looks closer.
  expect(growth, 'kB a request').toBeLessThan(2);
});

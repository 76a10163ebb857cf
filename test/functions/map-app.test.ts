import { expect, test } from 'vitest';
import { createMapApp } from '../../functions/map-app.ts';

const app = createMapApp({ name: 'articles', model_id: 'abc' });

test('a map without a model is healthy, and says that it cannot score', async () => {
  const health = await app.request('/api/v1/health');
  expect(await health.json()).toEqual({ status: 'ok', model_id: 'abc' });
  const score = await app.request('/api/v1/score', { method: 'POST', body: '{}' });
  expect(score.status).toBe(404);
  expect(score.headers.get('content-type')).toBe('application/problem+json');
  expect(await score.json()).toMatchObject({ detail: expect.stringContaining('a map without a model') });
});

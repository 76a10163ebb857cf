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

test('its answers have the headers of an API, and say which methods are accepted', async () => {
  const { headers } = await app.request('/api/v1/health');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('permissions-policy')).toContain('camera=()');
  const posted = await app.request('/api/v1/health', { method: 'POST' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  expect(await posted.json()).toMatchObject({ detail: expect.stringContaining('does not accept POST') });
  const asked = await app.request('/api/v1/health', { method: 'OPTIONS' });
  expect([asked.status, asked.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  expect((await app.request('/api/v1/health', { method: 'HEAD' })).status).toBe(200);
});

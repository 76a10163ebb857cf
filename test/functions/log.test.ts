import { afterEach, describe, expect, test, vi } from 'vitest';
import { sha256Hex } from '../../bundle/integrity.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../functions/http/settings.ts';
import { apiOf } from './fake-model.ts';
import { call, manifest, post } from './support.ts';

const DATA = { shape: [2, 2, 1] };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An API that keeps its lines, parsed. */
function logging(settings: Partial<Settings> = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = (line: string) => void lines.push(JSON.parse(line));
  return { lines, ...apiOf(DATA, { ...DEFAULT_SETTINGS, log, ...settings }) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('every answer has the id of its request', () => {
  test.each<[string, number, RequestInit?]>([
    ['/api/v1/health', 200],
    ['/api/v1/model', 304, { headers: { 'If-None-Match': '*' } }],
    ['/api/docs', 302, { redirect: 'manual' }],
    ['/api/v1/score', 400, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' }],
    ['/api/v1/score', 405],
    ['/api/nothing', 404],
    ['/api/v1/score', 204, { method: 'OPTIONS' }],
  ])('%s, %i', async (path, status, init) => {
    const response = await call(path, init);
    expect(response.status).toBe(status);
    expect(response.headers.get('X-Request-Id')).toMatch(UUID);
    expect(response.headers.get('Access-Control-Expose-Headers')).toContain('X-Request-Id');
    await response.body?.cancel();
  });

  test('which is the one that it brings, if that is short and plain, or else the one of Cloudflare', async () => {
    const idOf = async (headers: Record<string, string>) =>
      (await apiOf(DATA).app.request('/api/v1/health', { headers })).headers.get('X-Request-Id');
    expect(await idOf({ 'X-Request-Id': 'order_17-b' })).toBe('order_17-b');
    expect(await idOf({ 'CF-Ray': '8f1c2a-FRA' })).toBe('8f1c2a-FRA');
    expect(await idOf({ 'X-Request-Id': 'mine', 'CF-Ray': '8f1c2a-FRA' })).toBe('mine');
    for (const bad of ['', 'a b', '<b>', '"}', 'x'.repeat(65)]) {
      expect(await idOf({ 'X-Request-Id': bad, 'CF-Ray': bad }), bad).toMatch(UUID);
    }
  });
});

describe('each request gets one line in the log', () => {
  test('which tells how many samples were scored and how many are anomalous', async () => {
    const { lines, send } = logging();
    const body = JSON.stringify({
      instances: [
        [1, 2, 3, 4],
        [0, 0, 0, 0],
        [9, 9, 9, 9],
        [5, 6, 7, 8],
      ],
    });
    const headers = { 'X-Request-Id': 'one' };
    expect((await send('application/json', body, '?significance=1', headers)).status).toBe(200);
    await send('application/json', body);
    const line = { id: 'one', method: 'POST', route: '/api/v1/score', status: 200, model: manifest.model_id };
    expect(lines).toEqual([
      { ...line, n: 4, anomalous: 1, ms: expect.any(Number) },
      { ...line, id: expect.stringMatching(UUID), n: 4, anomalous: 0, ms: expect.any(Number) },
    ]);
  });

  test('which names the kind of a problem, and is no error if the client made it', async () => {
    const error = vi.spyOn(console, 'error');
    const { lines, app, send } = logging();
    await send('application/json', '{');
    await send('application/json', '{}', '?fdr=2');
    await app.request('/api/v1/score', { method: 'PROPFIND' });
    await app.request('/api/v1/score', { method: 'OPTIONS' });
    expect(lines.map(({ method, status, problem }) => [method, status, problem])).toEqual([
      ['POST', 400, 'invalid-body'],
      ['POST', 400, 'invalid-query'],
      ['other', 405, 'method-not-allowed'],
      ['OPTIONS', 204, undefined],
    ]);
    expect(error).not.toHaveBeenCalled();
  });

  test('without anything that the client sent: no value, key, address, path or query', async () => {
    const keys = [
      { scope: 'score', sha256: await sha256Hex(new TextEncoder().encode('secret-key')) },
    ] as const;
    const { lines, app, send } = logging({ keys });
    const headers = {
      'CF-Connecting-IP': '203.0.113.7',
      Authorization: 'Bearer secret-key',
      'User-Agent': 'me',
    };
    await send('application/json', '{"instances": [[77.125, 2, 3, 4]]}', '?explain=3', headers);
    await send('application/json', '{"instances": [[777, 2, 3, 4]]}', '?explain=31337', headers);
    await send('application/json', '{"instances": [[777, 2, 3, 4]]}', '', headers);
    await app.request('/api/secret-path?a=31337', { headers });
    await send('application/json', '{}', '', { ...headers, Authorization: 'Bearer wrong-key' });
    expect(lines.map(({ status }) => status)).toEqual([200, 400, 400, 404, 401]);
    expect(lines[3]!.route).toBe('/*');
    const text = JSON.stringify(lines.map(({ id: _, ms: __, model: ___, ...rest }) => rest));
    expect(text).not.toMatch(/77|31337|203|key|me"|secret/);
  });

  test('and a bug, besides, an error with the same id', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { lines, app } = logging({
      allow: () => Promise.reject(new Error('broken')),
    });
    const response = await app.request('/api/v1/model', { headers: { 'X-Request-Id': 'seven' } });
    expect([response.status, lines[0]!.status]).toEqual([500, 500]);
    expect(error.mock.calls).toEqual([['request seven:', new Error('broken')]]);
  });
});

test('an answer with scores tells how long its steps took, to pages of the origins in the settings', async () => {
  const slow = new ReadableStream({
    async start(controller) {
      await new Promise((done) => setTimeout(done, 20));
      controller.enqueue(new Uint8Array(manifest.data.features));
      controller.close();
    },
  });
  const response = await post('application/octet-stream', slow);
  expect(response.headers.get('Server-Timing')).toMatch(/^body;dur=[1-9]/);
  expect(response.headers.get('Server-Timing')).toMatch(/^((body|parse|score|answer);dur=\d+\.\d\d(, |$))*$/);
  expect(response.headers.get('Timing-Allow-Origin')).toBe('*');
  expect(response.headers.get('Access-Control-Expose-Headers')).toContain('Server-Timing');
  const { send } = logging({ origins: ['https://a.example', 'https://b.example'] });
  const { headers } = await send('application/json', '{"instances": [[1, 2, 3, 4]]}');
  expect(headers.get('Timing-Allow-Origin')).toBe('https://a.example, https://b.example');
});

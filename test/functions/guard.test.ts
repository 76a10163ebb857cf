import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../bundle/integrity.ts';
import { DEFAULT_SETTINGS, readSettings, type Settings } from '../../functions/http/settings.ts';
import { apiOf } from './fake-model.ts';
import { call, problemIn } from './support.ts';

const hashOf = (text: string) => sha256Hex(new TextEncoder().encode(text));
const DATA = { shape: [2, 2, 1] };
const BODY = JSON.stringify({ instances: [[1, 2, 3, 4]] });
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

async function withKeys(more: Partial<Settings> = {}) {
  const keys = [
    { scope: 'score', sha256: await hashOf('one') },
    { scope: 'score', sha256: await hashOf('two') },
    { scope: 'admin', sha256: await hashOf('all') },
  ] as const;
  return apiOf(DATA, { ...DEFAULT_SETTINGS, keys, ...more });
}

describe('with API keys', () => {
  test('each of several keys is accepted, and no other one', async () => {
    const { send } = await withKeys();
    for (const key of ['one', 'two', 'all']) {
      expect((await send('application/json', BODY, '', bearer(key))).status).toBe(200);
    }
    for (const headers of [
      {},
      bearer('three'),
      bearer(''),
      { Authorization: 'Basic b25l' },
      bearer('one two'),
    ]) {
      const response = await send('application/json', BODY, '', headers as Record<string, string>);
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
      const { detail, title } = await problemIn(response, 401);
      expect(title).toBe('Valid API key needed');
      expect(detail).toMatch(/expected the header Authorization: Bearer KEY$/);
    }
  });

  test('the description needs one, and says so; health needs none', async () => {
    const { app } = await withKeys();
    for (const path of ['/api/v1/model', '/api/openapi.json']) {
      expect((await app.request(path)).status).toBe(401);
    }
    expect((await app.request('/api/v1/health')).status).toBe(200);
    const response = await app.request('/api/openapi.json', { headers: bearer('one') });
    const { info, paths, components } = (await response.json()) as {
      info: { description: string };
      paths: Record<string, Record<string, { security: object[] }>>;
      components: { securitySchemes: object };
    };
    expect(info.description).toContain('Requests need an API key.');
    expect(paths['/api/v1/score']!.post!.security).toEqual([{ key: [] }]);
    expect(paths['/api/v1/health']!.get!.security).toEqual([]);
    expect(components.securitySchemes).toEqual({ key: { type: 'http', scheme: 'bearer' } });
  });
});

test('a caller who has called too often is told when to try again, each key for itself', async () => {
  const calls = new Map<string, number>();
  const allow = async (caller: string) => {
    calls.set(caller, (calls.get(caller) ?? 0) + 1);
    return calls.get(caller)! <= 2;
  };
  const { app, send } = await withKeys({ allow, retrySeconds: () => 10 });
  for (const expected of [200, 200, 429]) {
    const response = await send('application/json', BODY, '', bearer('one'));
    expect(response.status).toBe(expected);
    if (expected !== 429) continue;
    expect(response.headers.get('Retry-After')).toBe('10');
    expect((await problemIn(response, 429)).detail).toBe('too many requests: try again in 10 seconds');
  }
  expect((await send('application/json', BODY, '', bearer('two'))).status).toBe(200);
  // Health needs no key, but a caller: here, an address.
  const statuses = [1, 2, 3].map(async () => (await app.request('/api/v1/health')).status);
  expect(await Promise.all(statuses)).toEqual([200, 200, 429]);
  expect(calls.size).toBe(3);
});

test('only pages of the origins in the settings may call', async () => {
  const { app } = apiOf(DATA, { ...DEFAULT_SETTINGS, origins: ['https://one.example'] });
  const from = async (Origin: string) =>
    (await app.request('/api/v1/health', { headers: { Origin } })).headers.get('Access-Control-Allow-Origin');
  expect(await from('https://one.example')).toBe('https://one.example');
  expect(await from('https://two.example')).toBeNull();
});

test('an image of more pixels than the settings allow is refused before it is decoded', async () => {
  const image = encode({ width: 40, height: 30, data: new Uint8Array(1200), channels: 1, depth: 8 });
  const { send } = apiOf(DATA, { ...DEFAULT_SETTINGS, maxPixels: 1199 });
  const { detail } = await problemIn(await send('image/png', image), 400);
  expect(detail).toContain('the PNG has 40 × 30 pixels, expected at most 1199');
});

describe('settings', () => {
  test('are read from the variables of a deployment', async () => {
    const hash = await hashOf('one');
    const limits: string[] = [];
    const limit = async ({ key }: { key: string }) => {
      limits.push(key);
      return { success: false };
    };
    const settings = readSettings({
      API_KEYS: `score:${hash}\nadmin:${hash}`,
      CORS_ORIGINS: 'https://a.example, https://b.example',
      MAX_PIXELS: '1000',
      RATE_LIMIT_SECONDS: '10',
      RATE_LIMITER: { limit },
    });
    expect(settings.keys).toEqual([
      { scope: 'score', sha256: hash },
      { scope: 'admin', sha256: hash },
    ]);
    expect([settings.origins, settings.maxPixels, settings.retrySeconds()]).toEqual([
      ['https://a.example', 'https://b.example'],
      1000,
      10,
    ]);
    expect(await settings.allow?.('x')).toBe(false);
    expect(limits).toEqual(['x']);
    const { log, ...others } = readSettings({});
    expect(others).toEqual(DEFAULT_SETTINGS);
    expect(log).toBeTypeOf('function');
    expect(readSettings({ LOG_REQUESTS: 'false' }).log).toBeUndefined();
  });

  test('that are wrong are named, and a secret is not shown', () => {
    expect(() => readSettings({ API_KEYS: 'my-secret' })).toThrow(/^API_KEYS: expected scope:hash/);
    expect(() => readSettings({ API_KEYS: 'my-secret' })).not.toThrow(/my-secret/);
    expect(() => readSettings({ CORS_ORIGINS: 'example' })).toThrow(/^CORS_ORIGINS: /);
    expect(() => readSettings({ RATE_LIMIT_SECONDS: '0.5' })).toThrow(/^RATE_LIMIT_SECONDS: /);
    expect(() => readSettings({ LOG_REQUESTS: 'no' })).toThrow(/^LOG_REQUESTS: expected true or false/);
    expect(() => readSettings({ MAX_PIXELS: 'many' })).toThrow(/^MAX_PIXELS: expected a whole number/);
  });
});

test('answers carry the headers that keep a browser from misusing them', async () => {
  const { headers } = await call('/api/v1/health');
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(headers.get('Referrer-Policy')).toBe('no-referrer');
  expect(headers.get('Content-Security-Policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('Permissions-Policy')).toContain('camera=()');
  const exposed = headers.get('Access-Control-Expose-Headers') ?? '';
  for (const name of ['ETag', 'Allow', 'Retry-After']) expect(exposed).toContain(name);
});

test('an upload that breaks off is the client’s fault', async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"instances": [[1'));
      controller.error(new Error('gone'));
    },
  });
  const { app } = apiOf(DATA);
  const response = await app.request('/api/v1/score', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: broken,
  });
  expect((await problemIn(response, 400)).detail).toBe('the upload broke off before its end');
});

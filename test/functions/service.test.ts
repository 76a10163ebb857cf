import { describe, expect, test, vi } from 'vitest';
import type { FileSource } from '../../bundle/files.ts';
import { sha256Hex } from '../../bundle/integrity.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { createApp } from '../../functions/app.ts';
import { DEFAULT_SETTINGS } from '../../functions/http/settings.ts';
import { openModel } from '../../functions/model/model.ts';
import { createEngine } from '../../functions/model/offmanifold-engine.ts';
import { call, manifest, postJson, problemIn, scored } from './support.ts';
import { deployedFiles } from './worker.ts';

test('the health route names the model and the engine', async () => {
  const response = await call('/api/v1/health');
  expect(response.status).toBe(200);
  const health = (await response.json()) as Record<string, string>;
  expect(health.status).toBe('ok');
  expect(health.model_id).toMatch(/^[0-9a-f]{64}$/);
  expect(health.engine).toBe('offmanifold');
});

test('the model route describes the model, and answers 304 while it does not change', async () => {
  const response = await call('/api/v1/model');
  expect(response.status).toBe(200);
  const bytes = await response.bytes();
  const model = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
  expect(model.model_id).toBe(manifest.model_id);
  expect(model.data.features).toBe(manifest.data.features);
  const etag = response.headers.get('ETag')!;
  // It changes with every byte of the answer, and so with the code that makes it.
  expect(etag).toBe(`"${(await sha256Hex(bytes)).slice(0, 32)}"`);
  for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await call('/api/v1/model', { headers: { 'If-None-Match': tag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  }
  expect((await call('/api/v1/model', { headers: { 'If-None-Match': '"x"' } })).status).toBe(200);
});

test('HEAD is answered like GET, without a body', async () => {
  const response = await call('/api/v1/model', { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('');
});

test('/api/docs redirects to the documentation', async () => {
  const response = await call('/api/docs', { redirect: 'manual' });
  expect(response.status).toBe(302);
  expect(response.headers.get('Location')).toBe('/docs/');
});

test('/api/docs of an API without pages redirects to what describes it', async () => {
  const model = openModel(deployedFiles, createEngine);
  const app = createApp(model, { ...DEFAULT_SETTINGS, showData: false });
  const location = (await app.request('/api/docs')).headers.get('Location')!;
  expect(await (await app.request(location)).json()).toHaveProperty('openapi');
});

test('an engine that fails to start is started again by the next request', async () => {
  let starts = 0;
  const model = openModel(deployedFiles, (scorer) =>
    ++starts === 1 ? Promise.reject(new Error('no memory')) : createEngine(scorer),
  );
  const app = createApp(model);
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await app.request('/api/v1/health')).status);
  expect(statuses).toEqual([503, 200, 200]);
  expect(starts).toBe(2);
});

test('a page of any origin may call the API', async () => {
  const preflight = await call('/api/v1/score', {
    method: 'OPTIONS',
    headers: {
      Origin: 'https://elsewhere.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*');
  expect(preflight.headers.get('Access-Control-Allow-Methods')).toBe('GET,POST');
  expect(preflight.headers.get('Access-Control-Allow-Headers')).toBe('content-type');
});

describe('openapi.json', () => {
  interface Operation {
    parameters?: { name: string }[];
    requestBody?: { content: Record<string, { example?: unknown; examples?: unknown }> };
    responses: Record<string, { content?: Record<string, unknown> }>;
  }
  const load = async () =>
    (await (await call('/api/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, Operation>>;
    };

  test('describes every path, and every one of them answers', async () => {
    const { openapi, paths } = await load();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths).toSorted()).toEqual([
      '/api/docs',
      '/api/openapi.json',
      '/api/v1/health',
      '/api/v1/model',
      '/api/v1/score',
    ]);
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        const response = await call(path, { method, redirect: 'manual' });
        expect(Object.keys(responses), `${method} ${path}`).toContain(String(response.status));
      }
    }
  });

  test('describes the score request: media types with examples, parameters, errors', async () => {
    const post = (await load()).paths['/api/v1/score']!.post!;
    expect(post.parameters!.map(({ name }) => name)).toEqual([
      'significance',
      'explain',
      'fdr',
      'map',
      'invert',
    ]);
    const { content } = post.requestBody!;
    expect(Object.keys(content)).toEqual(['application/json', 'application/octet-stream', 'image/png']);
    for (const { example, examples } of Object.values(content)) expect(example ?? examples).toBeDefined();
    for (const status of [400, 405, 413, 415, 500, 503]) {
      expect(Object.keys(post.responses[status]!.content!)).toEqual(['application/problem+json']);
    }
    await scored(await postJson(content['application/json']!.example));
  });

  test('has an id for every operation, and is sent once as long as it stays the same', async () => {
    const { paths } = await load();
    const ids = Object.values(paths).flatMap((operations) =>
      Object.values(operations).map((operation) => (operation as { operationId?: string }).operationId),
    );
    expect(ids.toSorted()).toEqual(['docs', 'health', 'model', 'openapi', 'score']);
    const response = await call('/api/openapi.json');
    const tag = response.headers.get('ETag')!;
    expect((await call('/api/openapi.json', { headers: { 'If-None-Match': tag } })).status).toBe(304);
    const others = [{}, { showData: false }, { origins: [] }, { maxPixels: 1 }, { maxPixels: 2 }].map(
      async (other) => {
        const app = createApp(openModel(deployedFiles, createEngine), { ...DEFAULT_SETTINGS, ...other });
        return (await app.request('/api/openapi.json')).headers.get('ETag');
      },
    );
    const tags = await Promise.all(others);
    expect(tags[0]).toBe(tag);
    expect(new Set(tags).size).toBe(tags.length);
  });

  test('has no dangling references', async () => {
    const document = await load();
    for (const [, pointer] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer!
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect(target, pointer).toBeDefined();
      expect(target, pointer).not.toHaveProperty('$ref');
    }
  });
});

describe('a damaged bundle', () => {
  const damaged = (name: string, damage: (bytes: Uint8Array) => Uint8Array): FileSource => {
    return async (asked) => {
      const bytes = await deployedFiles(asked);
      return asked === name ? damage(bytes.slice()) : bytes;
    };
  };
  const flipped = (bytes: Uint8Array) => {
    bytes[bytes.length >> 1]! ^= 1;
    return bytes;
  };
  const edited = (change: (manifest: Record<string, unknown>) => void) => (bytes: Uint8Array) => {
    const manifest = JSON.parse(new TextDecoder().decode(bytes));
    change(manifest);
    return new TextEncoder().encode(JSON.stringify(manifest));
  };
  const request = {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: new Uint8Array(manifest.data.features),
  };

  test.each<[string, FileSource, RegExp]>([
    ['flipped bit in the model', damaged('scorer.onnx', flipped), /scorer\.onnx is damaged/],
    ['truncated model', damaged('scorer.onnx', (bytes) => bytes.subarray(9)), /scorer\.onnx is truncated/],
    [
      'newer version',
      damaged(
        'manifest.json',
        edited((m) => (m.version = 99)),
      ),
      /version 99, newer/,
    ],
    [
      'other model',
      damaged(
        'manifest.json',
        edited((m) => (m.name = 'other')),
      ),
      /do not match its model_id/,
    ],
    ['cut manifest', damaged('manifest.json', (bytes) => bytes.subarray(9)), /manifest\.json is damaged/],
  ])('with a %s is refused on each request, by a sentence', async (_name, source, sentence) => {
    const app = createApp(openModel(source, createEngine));
    for (const [path, init] of [
      ['/api/v1/score', request],
      ['/api/v1/health'],
      ['/api/v1/score', request],
    ] as const) {
      const problem = await problemIn(await app.request(path, init), 503);
      expect(problem.detail).toMatch(sentence);
    }
  });

  test('in its codes still scores, but does not place on the map and is not healthy', async () => {
    const app = createApp(openModel(damaged('codes.bin', flipped), createEngine));
    expect((await app.request('/api/v1/score', request)).status).toBe(200);
    for (const path of ['/api/v1/score?map=true', '/api/v1/health']) {
      const init = path.includes('score') ? request : undefined;
      expect((await problemIn(await app.request(path, init), 503)).detail).toMatch(/codes\.bin is damaged/);
    }
  });

  test('whose model cannot be run is refused', async () => {
    const app = createApp(openModel(deployedFiles, () => createEngine(new Uint8Array(9))));
    expect((await problemIn(await app.request('/api/v1/health'), 503)).detail).toMatch(
      /scorer\.onnx cannot be run/,
    );
  });
});

test('a bug is logged and answered with a 500 that reveals nothing', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const broken = {
    ...openModel(deployedFiles, createEngine),
    codes: () => Promise.reject(new Error('secret')),
  };
  const problem = await problemIn(await createApp(broken).request('/api/v1/health'), 500);
  expect(JSON.stringify(problem)).not.toMatch(/secret|\.ts|at /);
  expect(logged).toHaveBeenCalledOnce();
  logged.mockRestore();
});

test('the WebAssembly of the isolate is as it was, once the engine runs', async () => {
  await call('/api/v1/health');
  await expect(WebAssembly.instantiate(new Uint8Array(8))).rejects.toThrow();
});

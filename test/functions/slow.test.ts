import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, readSettings } from '../../functions/http/settings.ts';
import { apiOf } from './fake-model.ts';
import { problemIn } from './support.ts';

const DATA = { shape: [2, 2, 1] };
const bytes = (text: string) => new TextEncoder().encode(text);

/** A body that sends a part every few milliseconds, and never ends by itself; `sent` counts its parts. */
function endless() {
  const state = { sent: 0, cancelled: false };
  let timer: ReturnType<typeof setInterval>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(() => {
        state.sent++;
        controller.enqueue(bytes(' '));
      }, 5);
    },
    cancel() {
      state.cancelled = true;
      clearInterval(timer);
    },
  });
  return { body, state };
}

describe('a body that is not there in time is answered with 408', () => {
  const settings = { ...DEFAULT_SETTINGS, bodySeconds: 0.1 };

  test('and no longer read, even if something comes all the time', async () => {
    const { body, state } = endless();
    const response = await apiOf(DATA, settings).send('application/json', body);
    const problem = await problemIn(response, 408);
    expect(problem.type).toBe('urn:offmanifold:problem:body-too-slow');
    expect(problem.detail).toMatch(/^the body did not arrive within 0.1 seconds/);
    expect(state.sent).toBeGreaterThan(1);
    expect(state.cancelled).toBe(true);
  });

  test('also if its length is announced', async () => {
    const { body } = endless();
    const headers = { 'Content-Length': '1000' };
    await problemIn(await apiOf(DATA, settings).send('application/json', body, '', headers), 408);
  });

  test('but not if it comes in time, however many parts it has', async () => {
    const parts = [...JSON.stringify({ instances: [[1, 2, 3, 4]] })];
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise((done) => setTimeout(done, 1));
        const part = parts.shift();
        if (part === undefined) controller.close();
        else controller.enqueue(bytes(part));
      },
    });
    expect((await apiOf(DATA).send('application/json', body)).status).toBe(200);
  });

  test('after as many seconds as the settings say', () => {
    expect(readSettings({ BODY_SECONDS: '5' }).bodySeconds).toBe(5);
    expect(readSettings({}).bodySeconds).toBe(30);
    for (const BODY_SECONDS of ['soon', '0', '']) {
      expect(() => readSettings({ BODY_SECONDS }), BODY_SECONDS).toThrow(/^BODY_SECONDS: /);
    }
  });
});

describe('bodies under way share a bound of memory', () => {
  const settings = { ...DEFAULT_SETTINGS, bodyMemory: 2 ** 16 };
  const instance = JSON.stringify({ instances: [[1, 2, 3, 4]] });
  const send = (length: number, headers = {}) =>
    apiOf(DATA, settings).send('application/json', instance.padEnd(length), '', headers);

  test('beyond it, one is answered with 503, and one that is alone is not', async () => {
    let body!: ReadableStreamDefaultController<Uint8Array>;
    const slow = new ReadableStream<Uint8Array>({
      start(controller) {
        body = controller;
        controller.enqueue(bytes(' '));
      },
    });
    const waiting = apiOf(DATA, settings).send('application/json', slow);
    const response = await send(2 ** 17, { 'Content-Length': String(2 ** 17) });
    expect(response.headers.get('Retry-After')).toBe('1');
    expect((await problemIn(response, 503)).type).toBe('urn:offmanifold:problem:overloaded');
    expect((await send(2 ** 10)).status).toBe(200);
    body.close();
    await problemIn(await waiting, 400);
    expect((await send(2 ** 17, { 'Content-Length': String(2 ** 17) })).status).toBe(200);
  });

  test('which a deployment can set', () => {
    expect(readSettings({ BODY_MEMORY_MB: '2' }).bodyMemory).toBe(2 ** 21);
    for (const BODY_MEMORY_MB of ['much', '0', '1.5']) {
      expect(() => readSettings({ BODY_MEMORY_MB }), BODY_MEMORY_MB).toThrow(/^BODY_MEMORY_MB: /);
    }
  });
});

describe('if the client goes away, nothing more is computed', () => {
  /** A request, and what tells that its client has gone. */
  const request = (type: string, body: BodyInit) => {
    const controller = new AbortController();
    const sent = new Request('http://api.test/api/v1/score', {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
      signal: controller.signal,
    });
    return { sent, controller };
  };

  test('between the steps of a long batch', async () => {
    for (const aborted of [false, true]) {
      const { app, given } = apiOf({ shape: [1025, 1, 1] });
      const { sent, controller } = request('application/octet-stream', new Uint8Array(64 * 1025));
      if (aborted) setTimeout(() => controller.abort(), 0);
      expect((await app.fetch(sent)).status).toBe(aborted ? 499 : 200);
      expect(given.length).toBe(aborted ? 0 : 1);
    }
  });

  test('within a large picture', async () => {
    const side = 1024;
    const image = encode({
      width: side,
      height: side,
      data: new Uint8Array(side * side),
      channels: 1,
      depth: 8,
    });
    const { sent, controller } = request('image/png', image);
    setTimeout(() => controller.abort(), 0);
    const { app, given } = apiOf(DATA);
    expect((await app.fetch(sent)).status).toBe(499);
    expect(given.length).toBe(0);
  });
});

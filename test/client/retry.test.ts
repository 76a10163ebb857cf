import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ApiProblem, ClientError, type ClientOptions, createClient } from '../../client/index.ts';
import { Random } from '../../kernels/random.ts';

const URL = 'https://api.test';
const HEALTH = { status: 'ok', model_id: 'a', engine: 'offmanifold' };

/** What a service does with an attempt. */
type Fault = (init: RequestInit) => Response | Promise<Response>;

const ok: Fault = () => Response.json(HEALTH);
const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  () =>
    Response.json(
      { type: 'urn:offmanifold:problem:x', title: 'X', status: code, detail: `status ${code}` },
      { status: code, headers },
    );
const refused: Fault = () =>
  Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }));
const silent: Fault = ({ signal }) =>
  new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
const cut: Fault = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"status":'));
        controller.error(new Error('cut'));
      },
    }),
  );

/** A client of a service with these faults, one for each attempt and then the last one, and when the attempts come. */
function clientOf(faults: Fault[], options: Partial<ClientOptions> = {}) {
  const times: number[] = [];
  const start = Date.now();
  const fetch = async (_url: string, init: RequestInit) => {
    times.push(Date.now() - start);
    return faults[Math.min(times.length, faults.length) - 1]!(init);
  };
  return { client: createClient({ url: URL, fetch, ...options }), times };
}

/** Lets all timers run, however far they are, and returns how a promise ended. */
async function settle<T>(promise: Promise<T>): Promise<T | Error> {
  const settled = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return settled;
}

const waits = (times: number[]) => times.slice(1).map((time, i) => time - times[i]!);

beforeEach(() => {
  const random = new Random(1);
  vi.useFakeTimers({ now: new Date('2026-11-01T12:00:00Z') });
  vi.spyOn(Math, 'random').mockImplementation(() => random.uniform());
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a request is sent again', () => {
  test.each<[string, Fault]>([
    ['status 408', status(408)],
    ['status 429', status(429)],
    ['status 502', status(502)],
    ['status 503', status(503)],
    ['status 504', status(504)],
    ['a refused connection', refused],
    ['an answer that is cut off', cut],
    ['no answer in time', silent],
  ])('after %s, until it is answered', async (_name, fault) => {
    const { client, times } = clientOf([fault, fault, fault, ok]);
    expect(await settle(client.health())).toEqual(HEALTH);
    expect(times).toHaveLength(4);
  });

  test('after waits whose bounds double, each anywhere below its bound', async () => {
    const all: number[][] = [];
    for (let i = 0; i < 200; i++) {
      const { client, times } = clientOf([refused], { retries: 8, deadline: Infinity });
      await settle(client.health());
      all.push(waits(times));
    }
    const bounds = [250, 500, 1000, 2000, 4000, 8000, 16_000, 16_000];
    for (const [attempt, bound] of bounds.entries()) {
      const found = all.map((times) => times[attempt]!);
      expect(Math.max(...found)).toBeLessThanOrEqual(bound);
      expect(Math.max(...found)).toBeGreaterThan(0.95 * bound);
      expect(Math.min(...found)).toBeLessThan(0.05 * bound);
    }
  });

  test.each([
    ['in seconds', '7'],
    ['as a date', 'Sun, 01 Nov 2026 12:00:07 GMT'],
  ])('no earlier than the service asks %s', async (_name, after) => {
    const { client, times } = clientOf([status(429, { 'Retry-After': after }), ok]);
    expect(await settle(client.health())).toEqual(HEALTH);
    expect(times[1]).toBeGreaterThanOrEqual(7000);
    expect(times[1]).toBeLessThan(7251);
  });

  test('at once if the service asks for a time that is over, and as usual if it asks for nonsense', async () => {
    for (const after of ['Sun, 01 Nov 2020 12:00:00 GMT', 'soon']) {
      const { client, times } = clientOf([status(503, { 'Retry-After': after }), ok]);
      expect(await settle(client.health())).toEqual(HEALTH);
      expect(times[1]).toBeLessThan(251);
      const last = clientOf([status(503, { 'Retry-After': after })], { retries: 0 });
      expect(await settle(last.client.health())).toMatchObject({
        retryAfter: after === 'soon' ? undefined : 0,
      });
    }
  });
});

describe('a request is not sent again', () => {
  test.each([400, 401, 403, 404, 405, 413, 415, 500, 501])('after status %i', async (code) => {
    const { client, times } = clientOf([status(code), ok]);
    const problem = await settle(client.health());
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({ status: code, message: `status ${code}` });
    expect(times).toHaveLength(1);
  });

  test('more often than asked', async () => {
    for (const retries of [0, 1, 6]) {
      const { client, times } = clientOf([status(503)], { retries });
      expect(await settle(client.health())).toMatchObject({ status: 503 });
      expect(times).toHaveLength(1 + retries);
    }
  });

  test('if the service asks for more time than there is, which the error says', async () => {
    const { client, times } = clientOf([status(429, { 'Retry-After': '60' })], { deadline: 50_000 });
    expect(await settle(client.health())).toMatchObject({ status: 429, retryAfter: 60 });
    expect(times).toEqual([0]);
  });

  test('after the deadline, which also ends the last attempt', async () => {
    const { client, times } = clientOf([silent], { retries: 100, timeout: 4000, deadline: 10_000 });
    const start = Date.now();
    const error = await settle(client.health());
    expect(error).toBeInstanceOf(ClientError);
    expect(String(error)).toMatch(/^ClientError: https:\/\/api\.test: no answer in .* s$/);
    expect(Date.now() - start).toBeLessThanOrEqual(10_000);
    expect(times.length).toBeLessThanOrEqual(4);
  });

  test('after an abort, while it waits or is under way: the reason is thrown', async () => {
    for (const fault of [status(503, { 'Retry-After': '20' }), silent]) {
      const { client, times } = clientOf([fault, ok]);
      const controller = new AbortController();
      const result = client.health({ signal: controller.signal }).catch((error: Error) => error);
      await vi.advanceTimersByTimeAsync(1000);
      controller.abort(new Error('not needed any more'));
      expect(await result).toEqual(new Error('not needed any more'));
      expect(times).toEqual([0]);
    }
    const { client, times } = clientOf([ok]);
    await expect(client.health({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect(times).toEqual([]);
  });
});

describe('an error says', () => {
  test('why there is no answer, by its cause', async () => {
    const { client } = clientOf([refused], { retries: 0 });
    const error = await settle(client.health());
    expect(error).toEqual(new ClientError('https://api.test: no answer: ECONNREFUSED'));
    expect((error as ClientError).cause).toBeInstanceOf(TypeError);
  });

  test('what answers instead of the API', async () => {
    const page = () => new Response('<!doctype html><title>Sign in</title>');
    const { client, times } = clientOf([page]);
    expect(String(await settle(client.health()))).toMatch(
      /answers with "<!doctype html>.*: expected the address of an offmanifold API/,
    );
    expect(times).toHaveLength(1);
    const gateway = () => new Response('error code: 1015', { status: 429, statusText: 'Too Many Requests' });
    expect(await settle(clientOf([gateway], { retries: 0 }).client.health())).toMatchObject({
      name: 'ApiProblem',
      type: 'about:blank',
      title: 'Too Many Requests',
      message: 'https://api.test answers with status 429: "error code: 1015"',
    });
    const other = () => Response.json({ type: 'x', detail: 'y', errors: { a: 1 } }, { status: 400 });
    expect(await settle(clientOf([other]).client.health())).toMatchObject({
      type: 'about:blank',
      title: 'Status 400',
      errors: [],
    });
  });

  test('the id of the request', async () => {
    const { client } = clientOf([status(400, { 'X-Request-Id': 'abc' })]);
    expect(await settle(client.health())).toMatchObject({ requestId: 'abc' });
  });
});

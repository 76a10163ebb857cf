import { describe, expect, test } from 'vitest';
import { type ClientOptions, createClient } from '../../client/index.ts';

interface Sent {
  url: string;
  type: string | null;
  body: unknown;
}

/** A client of a service that answers at once, or when `delay` says, with the first value of each sample as its score. */
function clientOf(
  options: Partial<ClientOptions> = {},
  delay: (i: number) => Promise<void> = async () => {},
) {
  const sent: Sent[] = [];
  let running = 0;
  let most = 0;
  const fetch = async (url: string, init: RequestInit) => {
    const type = new Headers(init.headers).get('Content-Type');
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : init.body;
    sent.push({ url, type, body });
    most = Math.max(most, ++running);
    await delay(sent.length - 1);
    running--;
    const firsts: number[] =
      type === 'application/octet-stream'
        ? [...(body as Uint8Array)].filter((_, i) => i % 2 === 0)
        : body.instances.map((sample: object) => Object.values(sample)[0]);
    const results = firsts.map((score) => ({ score, p_value: 1, anomalous: false }));
    return Response.json({ model_id: 'a', engine: 'none', significance: 0.01, results });
  };
  const client = createClient({ url: 'https://api.test/', fetch, ...options });
  return { client, sent, most: () => most };
}

const rows = (n: number) => Array.from({ length: n }, (_, i) => [i, 0.5]);
const scoresOf = ({ results }: { results: { score: number }[] }) => results.map(({ score }) => score);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('samples are sent', () => {
  test('64 to a request, and their results come in order, whatever answers first', async () => {
    const { client, sent, most } = clientOf({}, (i) => new Promise((done) => setTimeout(done, 30 - 10 * i)));
    expect(scoresOf(await client.score(rows(200)))).toEqual(upTo(200));
    expect(sent.map(({ body }) => (body as { instances: object[] }).instances.length)).toEqual([
      64, 64, 64, 8,
    ]);
    expect(most()).toBe(4);
  });

  test('with at most `concurrency` requests under way', async () => {
    const { client, most } = clientOf({ concurrency: 2 }, () => new Promise((done) => setTimeout(done, 1)));
    await client.score(rows(640));
    expect(most()).toBe(2);
  });

  test('in smaller requests if they are long', async () => {
    const { client, sent } = clientOf();
    const long = upTo(64).map((i) => ({ i, text: 'é'.repeat(100_000) }));
    expect(scoresOf(await client.score(long))).toEqual(upTo(64));
    expect(sent.length).toBeGreaterThan(1);
    for (const { body } of sent) {
      expect(new TextEncoder().encode(JSON.stringify(body)).length).toBeLessThanOrEqual(4 * 2 ** 20);
    }
  });

  test('as bytes if they are bytes, else as JSON', async () => {
    const { client, sent } = clientOf();
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => i >> 1);
    for (const values of [bytes, new Uint8ClampedArray(bytes), new Float32Array(bytes)]) {
      expect(scoresOf(await client.score({ values, n: 100 }))).toEqual(upTo(100));
    }
    const octets = 'application/octet-stream';
    const json = 'application/json';
    expect(sent.map(({ type }) => type)).toEqual([octets, octets, octets, octets, json, json]);
  });

  test('with missing values as null, and dates as text', async () => {
    const { client, sent } = clientOf();
    const date = new Date('2026-04-02T08:00:00Z');
    await client.score([{ a: 1, b: Number.NaN, c: date, d: null }, Float32Array.of(2, Number.NaN)]);
    expect(sent[0]!.body).toEqual({
      instances: [{ a: 1, b: null, c: '2026-04-02T08:00:00.000Z', d: null }, [2, null]],
    });
  });

  test('with the options that are given, to the address with or without a final /', async () => {
    const { client, sent } = clientOf({ url: 'https://api.test/base//' });
    await client.score([[1]], { explain: 2, map: true, significance: 0.05, fdr: undefined as never });
    expect(sent[0]!.url).toBe('https://api.test/base/api/v1/score?explain=2&map=true&significance=0.05');
  });
});

describe('scoreEach', () => {
  test('reads no further ahead than its requests need, and yields each result', async () => {
    const { client } = clientOf({ concurrency: 2 });
    let read = 0;
    async function* source() {
      for (const row of rows(1000)) {
        read++;
        yield row;
      }
    }
    const scores: number[] = [];
    for await (const { score } of client.scoreEach(source())) {
      scores.push(score);
      expect(read).toBeLessThanOrEqual(scores.length + 3 * 64);
    }
    expect(scores).toEqual(upTo(1000));
  });

  /** A source that gives some rows, and then nothing for ever. */
  async function* quiet(count: number) {
    yield* rows(count);
    await new Promise(() => {});
  }

  test('yields what is answered while the source waits, and stops at an abort', async () => {
    const { client } = clientOf();
    const controller = new AbortController();
    const scores: number[] = [];
    const call = (async () => {
      for await (const { score } of client.scoreEach(quiet(100), { signal: controller.signal })) {
        scores.push(score);
        if (scores.length === 64) controller.abort(new Error('enough'));
      }
    })();
    await expect(call).rejects.toThrow('enough');
    expect(scores).toEqual(upTo(64));
    const aborted = client.scoreEach(quiet(1), { signal: AbortSignal.abort(new Error('too late')) });
    await expect(aborted.next()).rejects.toThrow('too late');
  });

  test('throws a refusal while the source waits', async () => {
    const refusing = createClient({
      url: 'https://api.test',
      fetch: () => Response.json({ status: 401, title: 'no' }, { status: 401 }),
    });
    await expect(refusing.scoreEach(quiet(64)).next()).rejects.toThrow();
  });

  test('stops its requests when the loop is left', async () => {
    const signals: AbortSignal[] = [];
    const { promise: four, resolve: all } = Promise.withResolvers<void>();
    const { client } = clientOf();
    const slow = createClient({
      url: 'https://api.test',
      async fetch(_url, { signal, body }) {
        signals.push(signal!);
        if (signals.length > 1) {
          if (signals.length === 4) all();
          await new Promise((_, reject) => signal!.addEventListener('abort', reject));
        }
        await four;
        const { instances } = JSON.parse(body as string);
        return Response.json({ model_id: 'a', results: instances.map(() => ({ score: 0 })) });
      },
    });
    for await (const _ of slow.scoreEach(rows(500))) break;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true, true]);
    for await (const _ of client.scoreEach([])) throw new Error('no samples have no results');
  });
});

describe('a call that makes no sense is refused before it is sent', () => {
  const { client, sent } = clientOf();
  test.each<[string, () => Promise<unknown>, string]>([
    ['no samples', () => client.score([]), 'no samples: expected at least one'],
    [
      'an infinite number',
      () => client.score([{ a: 1 }, { a: 1, b: -Infinity }]),
      'sample 1, b: expected a finite number, got Infinity',
    ],
    [
      'a date that is none, in a record',
      () => client.score([{ at: new Date(0) }, { at: new Date('tomorrow') }]),
      'sample 1, at: expected a valid date, got Invalid Date',
    ],
    [
      'a date that is none, in a row',
      () => client.score([[1, new Date(Number.NaN)]]),
      'sample 0, 1: expected a valid date, got Invalid Date',
    ],
    [
      'a bare number',
      () => client.score([1] as never),
      'sample 0: expected a record or an array of values, got 1',
    ],
    [
      'bare bytes',
      () => client.score(new Uint8Array(4) as never),
      'samples: expected an array of samples, { values, n } or { png }',
    ],
    [
      'rows of unequal length',
      () => client.score({ values: new Uint8Array(10), n: 3 }),
      'values: expected 3 rows of equal length, got 10 numbers',
    ],
    ...[0, -2, 2.5, Number.NaN].map((n): [string, () => Promise<unknown>, string] => [
      `${n} rows`,
      () => client.score({ values: new Float32Array(10), n }),
      `values: expected ${n} rows of equal length, got 10 numbers`,
    ]),
  ])('%s', async (_name, call, message) => {
    await expect(call()).rejects.toThrow(message);
    expect(sent).toEqual([]);
  });

  test('a false discovery rate over several requests', async () => {
    const { client } = clientOf();
    await expect(client.score(rows(65), { fdr: 0.1 })).rejects.toThrow(/^fdr: .* send at most 64$/);
    expect(scoresOf(await client.score(rows(64), { fdr: 0.1 }))).toEqual(upTo(64));
  });

  test.each<[Partial<ClientOptions>, string]>([
    [{ url: 'api.test' }, 'url: expected an address such as https://example.org, got "api.test"'],
    [{ key: 'one\n' }, 'key: expected a text without spaces or line ends'],
    [{ retries: -1 }, 'retries: expected at least 0, got -1'],
    [{ timeout: 0 }, 'timeout: expected at least 1, got 0'],
    [{ deadline: Number.NaN }, 'deadline: expected at least 1, got NaN'],
    [{ concurrency: 0 }, 'concurrency: expected at least 1, got 0'],
  ])('options %o', (options, message) => {
    expect(() => createClient({ url: 'https://api.test', ...options })).toThrow(message);
  });
});

test('answers of two models are not mixed', async () => {
  let i = 0;
  const fetch = async () => Response.json({ model_id: `model ${i++}`, results: [] });
  const client = createClient({ url: 'https://api.test', fetch });
  await expect(client.score(rows(65))).rejects.toThrow(
    'another model was deployed during this call: score the samples again',
  );
});

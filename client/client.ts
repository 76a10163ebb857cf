import { type Health, joinAnswers, type Model, type Score, type ScoreAnswer } from './answer.ts';
import type { TableRecord } from './record.ts';
import { request, type Service } from './request.ts';
import { type Batch, type SampleStream, type Samples, toBatches } from './samples.ts';

export interface ClientOptions {
  /** The address of the deployment, such as `https://pumps.example.workers.dev`. */
  readonly url: string | URL;
  /** An API key, if the deployment asks for one. */
  readonly key?: string | undefined;
  /** What sends a request; the platform's `fetch` by default. */
  readonly fetch?: (url: string, init: RequestInit) => Response | Promise<Response>;
  /** How often a request is sent again after a failure that may pass: 4 times by default. */
  readonly retries?: number;
  /** The milliseconds that one attempt may take: 30,000 by default. */
  readonly timeout?: number;
  /** The milliseconds that a request may take with all its attempts and the waits between: 120,000 by default. */
  readonly deadline?: number;
  /** How many requests of one call are under way at once: 4 by default. */
  readonly concurrency?: number;
}

export interface CallOptions {
  /** Stops the call, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What is asked about the samples; see `GET /api/openapi.json`. */
export interface ScoreOptions extends CallOptions {
  /** A sample is anomalous if its p-value is at most this. */
  readonly significance?: number;
  /** How many features to return, those with the largest shares of the score first. */
  readonly explain?: number;
  /** Whether to return the place on the map. */
  readonly map?: boolean;
  /** A false discovery rate, for at most 64 samples: they are tested together. */
  readonly fdr?: number;
  /** For a PNG: whether it shows dark ink on light paper. */
  readonly invert?: boolean;
}

/** A client of a deployed model whose records are of type R. */
export interface Client<R extends object = TableRecord> {
  /** Describes the model. */
  model(options?: CallOptions): Promise<Model>;
  /** Checks that the service can score. */
  health(options?: CallOptions): Promise<Health>;
  /**
   * Scores samples, in their order. More samples than fit into a request are sent in several, a few at a time. If one of
   * them fails, the others are stopped.
   */
  score(samples: Samples<R>, options?: ScoreOptions): Promise<ScoreAnswer>;
  /** Scores samples as they come, in requests of 64, and yields their results in order. */
  scoreEach(samples: SampleStream<R>, options?: Omit<ScoreOptions, 'fdr'>): AsyncGenerator<Score>;
}

/**
 * Creates a client of a deployed model. The type parameter is that of its records: see `RecordOf`. Throws a TypeError or a
 * RangeError for an option that cannot be used.
 */
export function createClient<R extends object = TableRecord>(options: ClientOptions): Client<R> {
  const { concurrency = 4, key } = options;
  const service: Service = {
    url: String(options.url).replace(/\/+$/, ''),
    headers: {
      Accept: 'application/json, application/problem+json',
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
    },
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    retries: options.retries ?? 4,
    timeout: options.timeout ?? 30_000,
    deadline: options.deadline ?? 120_000,
  };
  if (!/^https?:\/\/./.test(service.url)) {
    throw new TypeError(`url: expected an address such as https://example.org, got "${options.url}"`);
  }
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError(
      'key: expected a text without spaces or line ends, as `npx offmanifold key` prints it',
    );
  }
  const { retries, timeout, deadline } = service;
  for (const [name, value, least] of [
    ['concurrency', concurrency, 1],
    ['retries', retries, 0],
    ['timeout', timeout, 1],
    ['deadline', deadline, 1],
  ] as const) {
    if (!(value >= least)) throw new RangeError(`${name}: expected at least ${least}, got ${value}`);
  }

  /** The answers to the requests of a call, in order; at most `concurrency` of them are under way. */
  async function* answers(
    samples: Samples<R> | SampleStream<R>,
    { signal, ...query }: ScoreOptions,
  ): AsyncGenerator<ScoreAnswer> {
    const path = `/api/v1/score${toSearch(query)}`;
    const stop = new AbortController();
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const send = (batch: Batch) => request(service, { path, ...batch }, either) as Promise<ScoreAnswer>;
    const pending: Promise<ScoreAnswer>[] = [];
    const batches = (async function* () {
      yield* toBatches(samples);
    })();
    let next: Promise<IteratorResult<Batch, void>> | undefined;
    let tell = () => {};
    const aborted = new Promise<never>((_, reject) => {
      tell = () => reject(signal?.reason);
      if (signal?.aborted) tell();
      else signal?.addEventListener('abort', tell);
    });
    // Each is awaited in its turn.
    const inTurn = <T>(promise: Promise<T>): Promise<T> => {
      promise.catch(() => {});
      return promise;
    };
    inTurn(aborted);
    try {
      next = inTurn(batches.next());
      while (next || pending.length > 0) {
        const oldest = pending[0]?.then(() => 'answer' as const);
        const read = pending.length < concurrency ? next?.then(() => 'batch' as const) : undefined;
        const ready = await Promise.race([oldest, read, aborted].filter((one) => one !== undefined));
        if (ready === 'answer') {
          yield await pending.shift()!;
          continue;
        }
        const { done, value: batch } = await next!;
        if (done) {
          next = undefined;
          continue;
        }
        if (query.fdr !== undefined && batch.first > 0) throw new RangeError(TOO_MANY_FOR_FDR);
        pending.push(inTurn(send(batch)));
        next = inTurn(batches.next());
      }
    } finally {
      signal?.removeEventListener('abort', tell);
      stop.abort();
      // A source that never goes on never returns: it is not waited for.
      inTurn(batches.return());
    }
  }

  return {
    model: async ({ signal } = {}) => (await request(service, { path: '/api/v1/model' }, signal)) as Model,
    health: async ({ signal } = {}) => (await request(service, { path: '/api/v1/health' }, signal)) as Health,
    async score(samples, options = {}) {
      const all: ScoreAnswer[] = [];
      for await (const answer of answers(samples, options)) all.push(answer);
      return joinAnswers(all);
    },
    async *scoreEach(samples, options = {}) {
      for await (const { results } of answers(samples, options)) yield* results;
    },
  };
}

const TOO_MANY_FOR_FDR =
  'fdr: the samples of one request are tested together, and these need several: send at most 64';

function toSearch(query: Omit<ScoreOptions, 'signal'>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  return given.length > 0 ? `?${search}` : '';
}

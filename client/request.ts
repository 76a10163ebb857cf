import { ApiProblem, ClientError, type FieldError, type ProblemDocument } from './error.ts';
import type { Body } from './samples.ts';

/** Where requests go, and for how long. */
export interface Service {
  readonly url: string;
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: (url: string, init: RequestInit) => Response | Promise<Response>;
  readonly retries: number;
  readonly timeout: number;
  readonly deadline: number;
}

/** A request, and the places of its samples among those of the call. */
export interface Call {
  readonly path: string;
  readonly type?: string;
  readonly body?: Body;
  readonly first?: number;
  readonly firstByte?: number;
}

/** The first wait before trying again is at most this many milliseconds; it doubles, up to the longest. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 16_000;

/** Statuses of an answer that may differ the next time: a slow upload, too many requests, a service that is not there for now. */
const PASSING = new Set([408, 429, 502, 503, 504]);

/** The longest time that a timer takes: 24 days. */
const LONGEST = 2 ** 31 - 1;

/** An answer, or why there is none, and whether another attempt may help. */
type Outcome = { readonly json: unknown } | { readonly error: ClientError; readonly passing: boolean };

/**
 * Sends a request, and again after a while if its answer is missing or says that it may pass: scoring changes nothing, so
 * that repeating it does no harm. Returns the JSON of the answer. Throws an {@link ApiProblem} for an error of the
 * service, a {@link ClientError} if there is no usable answer, and the reason of the signal if it aborts.
 */
export async function request(service: Service, call: Call, signal?: AbortSignal): Promise<unknown> {
  const end = Date.now() + Math.min(service.deadline, LONGEST);
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    const outcome = await attemptOnce(service, call, Math.min(service.timeout, end - Date.now()), signal);
    if ('json' in outcome) return outcome.json;
    const { error, passing } = outcome;
    const wait = waitBefore(attempt, error);
    if (!passing || attempt >= service.retries || Date.now() + wait >= end) throw error;
    await sleep(wait, signal);
  }
}

/**
 * The milliseconds before another attempt: anything up to a bound that doubles, so that clients do not all come back at
 * once, on top of what the service asks for.
 */
function waitBefore(attempt: number, error: ClientError): number {
  const bound = Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT);
  const asked = error instanceof ApiProblem ? (error.retryAfter ?? 0) : 0;
  return 1000 * asked + bound * Math.random();
}

async function attemptOnce(
  { url, headers, fetch }: Service,
  { path, type, body, first = 0, firstByte = 0 }: Call,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeout);
  try {
    const response = await fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(type && { 'Content-Type': type }) },
      ...(body !== undefined && { body }),
      signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
    });
    const text = await response.text();
    if (response.ok) return readAnswer(text, url);
    const problem = shift(readProblem(text, response, url), first, firstByte);
    return { error: new ApiProblem(problem, response.headers), passing: PASSING.has(response.status) };
  } catch (cause) {
    signal?.throwIfAborted();
    const why = late.signal.aborted ? `no answer in ${timeout / 1000} s` : `no answer: ${messageOf(cause)}`;
    return { error: new ClientError(`${url}: ${why}`, { cause }), passing: true };
  } finally {
    clearTimeout(timer);
  }
}

function readAnswer(text: string, url: string): Outcome {
  const json = parse(text);
  if (typeof json === 'object' && json !== null) return { json };
  const error = new ClientError(
    `${url} answers with ${shorten(text)}: expected the address of an offmanifold API`,
  );
  return { error, passing: false };
}

/** The problem of an answer. Between the client and the API, something else may have answered. */
function readProblem(text: string, { status, statusText }: Response, url: string): ProblemDocument {
  const json = parse(text);
  if (isProblem(json)) return json;
  const detail = `${url} answers with status ${status}: ${shorten(text)}`;
  return { type: 'about:blank', title: statusText || `Status ${status}`, status, detail };
}

const isProblem = (json: unknown): json is ProblemDocument =>
  typeof json === 'object' &&
  json !== null &&
  'type' in json &&
  'detail' in json &&
  typeof json.detail === 'string' &&
  (!('errors' in json) || Array.isArray(json.errors));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const shorten = (text: string): string =>
  text.trim() === '' ? 'an empty text' : JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** The cause of a failed fetch says more than its message in Node. */
const messageOf = (error: unknown): string =>
  error instanceof Error
    ? (error.cause instanceof Error && error.cause.message) || error.message
    : String(error);

/** The same problem, with the places that it names counted over all samples of the call. */
function shift(problem: ProblemDocument, first: number, firstByte: number): ProblemDocument {
  const move = (text: string) =>
    text
      .replace(/^(#\/)?instances\/(\d+)/, (_, root = '', i) => `${root}instances/${first + Number(i)}`)
      .replace(/^byte (\d+)/, (_, i) => `byte ${firstByte + Number(i)}`);
  const errors = problem.errors?.map(
    ({ pointer, detail, ...place }): FieldError => ({
      ...place,
      ...(pointer !== undefined && { pointer: move(pointer) }),
      detail: move(detail),
    }),
  );
  return { ...problem, detail: move(problem.detail), ...(errors && { errors }) };
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** One mistake in a request: what is wrong, and where. */
export interface FieldError {
  /** A JSON Pointer to the place, such as `#/instances/3/load`. Samples are counted over all requests of a call. */
  readonly pointer?: string;
  /** The parameter of the query, or the header. */
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** What an answer with an error says: problem details (RFC 9457). */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

/** Why a call has no result: the service cannot be reached, does not answer in time, or is no offmanifold API. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError';
}

/** The service answered with an error. The message is its `detail`. */
export class ApiProblem extends ClientError implements ProblemDocument {
  override readonly name = 'ApiProblem';
  /** The kind of problem, such as `urn:offmanifold:problem:invalid-body`; `about:blank` if it is not one of the API. */
  readonly type: string;
  readonly title: string;
  /** The status of the answer: 400, 401, 429, … */
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** What identifies the request in the log of the service, if the answer says so. */
  readonly requestId: string | undefined;
  /** The seconds after which the service asks to try again, if it does. */
  readonly retryAfter: number | undefined;

  constructor(problem: ProblemDocument, headers: Headers) {
    super(problem.detail);
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.requestId = headers.get('X-Request-Id') ?? undefined;
    this.retryAfter = readRetryAfter(headers.get('Retry-After'));
  }
}

/** Reads a Retry-After header: seconds, or a date (RFC 9110, 10.2.3). Returns seconds from now. */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const seconds = (Date.parse(header) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

import * as z from 'zod';
import { BundleError, UserError } from '../../bundle/error.ts';

/** Every kind of problem: the key ends its `type`, then come its status and its title. */
const KINDS = {
  'invalid-query': [400, 'Invalid query parameters'],
  'invalid-body': [400, 'Invalid body'],
  unauthorized: [401, 'Valid API key needed'],
  forbidden: [403, 'Not allowed with this key'],
  'not-found': [404, 'No such path'],
  'method-not-allowed': [405, 'Method not allowed'],
  'body-too-slow': [408, 'Body too slow'],
  'body-too-large': [413, 'Body too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'too-many-requests': [429, 'Too many requests'],
  // Nobody reads this answer; the log does.
  aborted: [499, 'Aborted by the client'],
  internal: [500, 'Internal error'],
  'model-unavailable': [503, 'Model unavailable'],
  overloaded: [503, 'Overloaded'],
} as const;

/** What is wrong, and where: a JSON Pointer into the body, a query parameter or a header. */
const FieldErrorSchema = z.strictObject({
  pointer: z
    .string()
    .optional()
    .meta({ examples: ['#/instances/3'] }),
  parameter: z.string().optional(),
  header: z.string().optional(),
  detail: z.string().meta({ examples: ['expected 784 numbers, got 783'] }),
});

/** The body of every error response: RFC 9457 problem details. */
export const ProblemSchema = z
  .strictObject({
    type: z.string().meta({ examples: ['urn:offmanifold:problem:invalid-body'] }),
    title: z.string().meta({ examples: ['Invalid body'] }),
    status: z.int().meta({ examples: [400] }),
    detail: z.string().meta({ examples: ['instances/3: expected 784 numbers, got 783'] }),
    errors: z.array(FieldErrorSchema).optional(),
  })
  .meta({ id: 'Problem' });

export type FieldError = z.infer<typeof FieldErrorSchema>;

/** At most this many errors are reported per request. */
export const MAX_ERRORS = 10;

/** Why a request fails. The API throws no other error for a mistake of the client. */
export class Problem extends UserError {
  override readonly name = 'Problem';
  readonly kind: keyof typeof KINDS;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  /** `detail`: what is wrong and what is expected instead, as one sentence or for each field. */
  constructor(kind: keyof typeof KINDS, detail: string | FieldError[], headers: Record<string, string> = {}) {
    const errors = typeof detail === 'string' ? undefined : detail.slice(0, MAX_ERRORS);
    super(typeof detail === 'string' ? detail : summarise(detail.slice(0, MAX_ERRORS)));
    this.kind = kind;
    this.errors = errors;
    this.headers = headers;
  }

  toResponse(): Response {
    const [status, title] = KINDS[this.kind];
    const body: z.infer<typeof ProblemSchema> = {
      type: `urn:offmanifold:problem:${this.kind}`,
      title,
      status,
      detail: this.message,
      errors: this.errors,
    };
    return Response.json(body, {
      status,
      headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...this.headers },
    });
  }
}

/**
 * Turns any error into a problem. A damaged bundle is described; a bug is logged with the id of its request, and the client
 * learns nothing else of it.
 */
export function toProblem(error: unknown, id: string): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BundleError) {
    return new Problem('model-unavailable', `the deployed model is damaged: ${error.message}`);
  }
  console.error(`request ${id}:`, error);
  return new Problem('internal', 'internal error; the request is not the cause');
}

function summarise([first, ...more]: FieldError[]): string {
  const place = first!.pointer?.replace(/^#\/?/, '') || first!.parameter || first!.header;
  const others =
    more.length > 0
      ? ` (and ${more.length + 1 >= MAX_ERRORS ? 'at least ' : ''}${more.length} more ${more.length === 1 ? 'error' : 'errors'})`
      : '';
  return `${place ? `${place}: ` : ''}${first!.detail}${others}`;
}

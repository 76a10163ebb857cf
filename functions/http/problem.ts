import { z } from '@hono/zod-openapi';
import { BundleError } from '../../bundle/error.ts';

/** Every kind of problem: its status and its title. The last part of the `type` is the key. */
const KINDS = {
  'invalid-query': [400, 'Invalid query parameters'],
  'invalid-body': [400, 'Invalid body'],
  'not-found': [404, 'No such path'],
  'method-not-allowed': [405, 'Method not allowed'],
  'body-too-large': [413, 'Body too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  internal: [500, 'Internal error'],
  'model-unavailable': [503, 'Model unavailable'],
} as const;

/** Where a request is wrong (a JSON Pointer into the body, a query parameter or a header) and how. */
const FieldErrorSchema = z.strictObject({
  pointer: z.string().optional().openapi({ example: '#/instances/3' }),
  parameter: z.string().optional(),
  header: z.string().optional(),
  detail: z.string().openapi({ example: '783 numbers, 784 expected' }),
});

/** The answer to every request that fails: RFC 9457 problem details. */
export const ProblemSchema = z
  .strictObject({
    type: z.string().openapi({ example: 'urn:offmanifold:problem:invalid-body' }),
    title: z.string().openapi({ example: 'Invalid body' }),
    status: z.int().openapi({ example: 400 }),
    detail: z.string().openapi({ example: 'instances/3: 783 numbers, 784 expected' }),
    errors: z.array(FieldErrorSchema).optional(),
  })
  .openapi('Problem');

export type FieldError = z.infer<typeof FieldErrorSchema>;

/** At most this many of a request's errors are named. */
export const MAX_ERRORS = 10;

/** Why a request cannot be answered: the one error that the API throws. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: keyof typeof KINDS;
  readonly errors: FieldError[] | undefined;
  readonly headers: Record<string, string>;

  /** `detail`: what is wrong and what is accepted instead, as a sentence or for each wrong field. */
  constructor(kind: keyof typeof KINDS, detail: string | FieldError[], headers: Record<string, string> = {}) {
    super(typeof detail === 'string' ? detail : summary(detail));
    this.kind = kind;
    this.errors = typeof detail === 'string' ? undefined : detail;
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

/** The problem behind any error: a damaged bundle is named, what nobody foresaw is logged and not shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BundleError) {
    return new Problem('model-unavailable', `the deployed model is damaged: ${error.message}`);
  }
  console.error(error);
  return new Problem(
    'internal',
    'the service failed to answer this request; the fault is not in the request',
  );
}

function summary([first, ...more]: FieldError[]): string {
  const place = first!.pointer?.replace(/^#\/?/, '') || first!.parameter || first!.header;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  return `${place ? `${place}: ` : ''}${first!.detail}${others}`;
}

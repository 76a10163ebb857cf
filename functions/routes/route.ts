import type * as z from 'zod';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Scope } from '../../bundle/variables.ts';
import type { ApiContext } from '../http/context.ts';
import { ProblemSchema } from '../http/problem.ts';
import type { Settings } from '../http/settings.ts';
import type { Model } from '../model/model.ts';

/** A media type's schema, by Zod or as JSON Schema, and examples. */
interface Content {
  readonly schema: z.ZodType | Readonly<Record<string, unknown>>;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, unknown>>;
}

type Contents = Readonly<Record<string, Content>>;

/** Headers of answers, and what they say. Those for browsers, which every answer has, are not described. */
export const HEADERS = {
  Accept: 'The media types that are supported.',
  Allow: 'The methods that are accepted.',
  'Cache-Control': 'Whether the answer may be stored, and used again without asking.',
  ETag: 'The version of the answer. With it in `If-None-Match`, a request is answered with 304 while the answer is the same.',
  Location: 'The address of the page.',
  'Retry-After': 'The seconds after which to try again.',
  'Server-Timing': 'How long the steps of the answer took, as far as the clock saw them.',
  'WWW-Authenticate': 'How to send a key.',
  'X-Request-Id': 'The id of the request: the one that it brought if that is short and plain, or a new one.',
} as const;

interface Answer {
  readonly description: string;
  readonly headers?: readonly (keyof typeof HEADERS)[];
  readonly content?: Contents;
}

/** What openapi.json says about a path. */
export interface Description {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** The parameters of the query: each one's metadata is its JSON Schema, and its description. */
  readonly query?: z.ZodObject;
  readonly body?: Contents;
  readonly responses: Readonly<Record<number, Answer>>;
}

/** A path of the API and its method. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  /** What a key must be for, where the deployment has keys; undefined if no key is needed. */
  readonly scope?: Scope;
  handle(c: ApiContext, model: Model, settings: Settings): Response | Promise<Response>;
  /** Describes the route in openapi.json, for the model of the manifest. */
  describe(manifest: Manifest, settings: Settings): Description | Promise<Description>;
}

/** Describes a response that is a problem, and its headers besides Cache-Control. */
export const describeProblem = (description: string, ...headers: (keyof typeof HEADERS)[]): Answer => ({
  description,
  headers: ['Cache-Control', ...headers],
  content: { 'application/problem+json': { schema: ProblemSchema } },
});

/** The answer to a request that has what it asks for: see etag.ts. */
export const UNCHANGED: Record<304, Answer> = {
  304: {
    description: 'The answer is still the one whose `ETag` is in `If-None-Match`.',
    headers: ['Cache-Control', 'ETag'],
  },
};

/** The problems of a path that needs a key. */
export const GUARD_PROBLEMS = {
  401: describeProblem(
    'The deployment has API keys, and the request has none, or one that is not valid.',
    'WWW-Authenticate',
  ),
  403: describeProblem('The key does not allow this.'),
};

/** The problems that every path may return. */
export const COMMON_PROBLEMS = {
  405: describeProblem('The path does not accept this method. `Allow` lists those it accepts.', 'Allow'),
  429: describeProblem('Too many requests. `Retry-After` says when to try again, in seconds.', 'Retry-After'),
  500: describeProblem('The service failed. The error is not in the request.'),
  503: describeProblem('The deployed model is damaged. `detail` names the file and the damage.'),
};

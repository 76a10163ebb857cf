import type { Context } from 'hono';
import * as z from 'zod';
import { UserError } from '../../bundle/error.ts';

/** What an API key may do: `score` scores samples, `admin` everything. */
export const SCOPES = ['score', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key as the deployment knows it: what it may do, and the SHA-256 of its text. */
export interface Key {
  readonly scope: Scope;
  readonly sha256: string;
}

/** How a deployment behaves. */
export interface Settings {
  /** The keys that are accepted; without any, everyone may call the API. */
  readonly keys: readonly Key[];
  /** The origins whose pages may call the API; `*` is all. */
  readonly origins: readonly string[];
  /** The most seconds until a body is there. */
  readonly bodySeconds: number;
  /** The most pixels of a PNG. */
  readonly maxPixels: number;
  /**
   * Whether answers may show parts of the data that the model was trained on: its categories, its map. If not, the API is
   * deployed without pages, too.
   */
  readonly showData: boolean;
  /** The address of the client, from where no client can set it. */
  readonly addressOf: (c: Context) => string;
  /** Gets a line for each request; undefined if nobody wants it. */
  readonly log?: ((line: string) => void) | undefined;
  /** Counts calls by caller; false if there have been too many. */
  readonly allow?: ((caller: string) => Promise<boolean>) | undefined;
  /** In how many seconds a caller who has called too often may try again. */
  readonly retrySeconds: () => number;
}

/** How the API behaves unless it is told otherwise. */
export const DEFAULT_SETTINGS: Settings = {
  keys: [],
  origins: ['*'],
  bodySeconds: 30,
  maxPixels: 4 * 2 ** 20,
  showData: true,
  addressOf: (c) => c.req.header('CF-Connecting-IP') ?? 'unknown',
  retrySeconds: () => 60,
};

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

const KeySchema = z
  .string()
  .regex(/^(score|admin):[0-9a-f]{64}$/, 'expected scope:hash, such as `npx offmanifold key` prints')
  .transform((text): Key => {
    const [scope, sha256] = text.split(':') as [Scope, string];
    return { scope, sha256 };
  });

/** Whether a browser sends this as an origin: without a path, not even /. */
const isOrigin = (text: string): boolean =>
  text === '*' || (URL.canParse(text) && new URL(text).origin === text);

/** The platform's binding for rate limits. */
interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

const isRateLimiter = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'limit' in value && typeof value.limit === 'function';

const EnvironmentSchema = z.object({
  API_KEYS: z
    .string()
    .transform(words)
    .pipe(z.array(KeySchema).min(1, 'it is empty: add a key, or delete it to let everyone call'))
    .optional(),
  CORS_ORIGINS: z
    .string()
    .transform(words)
    .pipe(z.array(z.string().refine(isOrigin, 'expected origins, such as https://example.org, or *')))
    .optional(),
  RATE_LIMIT_SECONDS: z.coerce.number('expected a whole number of seconds').int().min(1).max(3600).optional(),
  RATE_LIMITER: z.custom<RateLimiter>(isRateLimiter, 'expected a rate limit binding').optional(),
  LOG_REQUESTS: z.enum(['true', 'false'], 'expected true or false').default('true'),
  BODY_SECONDS: z.coerce.number('expected a number of seconds').min(1).max(3600).optional(),
  MAX_PIXELS: z.coerce
    .number('expected a whole number')
    .int()
    .min(1, 'expected at least 1')
    .max(32 * 2 ** 20)
    .optional(),
});

/**
 * Reads the settings of a deployment: the secret `API_KEYS`, the variables `BODY_SECONDS`, `CORS_ORIGINS`,
 * `LOG_REQUESTS`, `MAX_PIXELS` and `RATE_LIMIT_SECONDS`, and the binding `RATE_LIMITER`. Throws a {@link UserError} that names a
 * variable with a wrong value, but never shows a secret.
 */
export function readSettings(environment: unknown): Settings {
  const parsed = EnvironmentSchema.safeParse(environment);
  const [issue] = parsed.error?.issues ?? [];
  if (issue) throw new UserError(`${String(issue.path[0])}: ${issue.message}`);
  const {
    API_KEYS,
    BODY_SECONDS,
    CORS_ORIGINS,
    LOG_REQUESTS,
    MAX_PIXELS,
    RATE_LIMIT_SECONDS,
    RATE_LIMITER: limiter,
  } = parsed.data!;
  return {
    ...DEFAULT_SETTINGS,
    keys: API_KEYS ?? DEFAULT_SETTINGS.keys,
    origins: CORS_ORIGINS ?? DEFAULT_SETTINGS.origins,
    bodySeconds: BODY_SECONDS ?? DEFAULT_SETTINGS.bodySeconds,
    maxPixels: MAX_PIXELS ?? DEFAULT_SETTINGS.maxPixels,
    retrySeconds: RATE_LIMIT_SECONDS === undefined ? DEFAULT_SETTINGS.retrySeconds : () => RATE_LIMIT_SECONDS,
    log: LOG_REQUESTS === 'true' ? (line) => console.log(line) : undefined,
    allow: limiter && (async (caller) => (await limiter.limit({ key: caller })).success),
  };
}

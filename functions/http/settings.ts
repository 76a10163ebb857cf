import type { Context } from 'hono';
import * as z from 'zod';
import { UserError } from '../../bundle/error.ts';
import { type Key, readVariables } from '../../bundle/variables.ts';

/** How a deployment behaves. */
export interface Settings {
  /** The keys that are accepted; without any, everyone may call the API. */
  readonly keys: readonly Key[];
  /** The origins whose pages may call the API; `*` is all. */
  readonly origins: readonly string[];
  /** The most seconds until a body is there. */
  readonly bodySeconds: number;
  /** The most memory for all longer bodies under way, in bytes. */
  readonly bodyMemory: number;
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
  // Half of what an isolate has.
  bodyMemory: 64 * 2 ** 20,
  maxPixels: 4 * 2 ** 20,
  showData: true,
  addressOf: (c) => c.req.header('CF-Connecting-IP') ?? 'unknown',
  retrySeconds: () => 60,
};

/** The platform's binding for rate limits. */
interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

const isRateLimiter = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'limit' in value && typeof value.limit === 'function';

const BindingsSchema = z.object({
  RATE_LIMITER: z.custom<RateLimiter>(isRateLimiter, 'expected a rate limit binding').optional(),
});

/**
 * Reads the settings of a deployment: its variables, and the binding `RATE_LIMITER`. Throws a {@link UserError} that
 * names what has a wrong value, but never shows a secret.
 */
export function readSettings(environment: unknown): Settings {
  const {
    API_KEYS,
    BODY_MEMORY_MB,
    BODY_SECONDS,
    CORS_ORIGINS,
    LOG_REQUESTS,
    MAX_PIXELS,
    RATE_LIMIT_SECONDS,
  } = readVariables(environment);
  const parsed = BindingsSchema.safeParse(environment);
  if (!parsed.success) throw new UserError(`RATE_LIMITER: ${parsed.error.issues[0]!.message}`);
  const { RATE_LIMITER: limiter } = parsed.data;
  return {
    ...DEFAULT_SETTINGS,
    keys: API_KEYS ?? DEFAULT_SETTINGS.keys,
    origins: CORS_ORIGINS ?? DEFAULT_SETTINGS.origins,
    bodySeconds: BODY_SECONDS ?? DEFAULT_SETTINGS.bodySeconds,
    bodyMemory: BODY_MEMORY_MB === undefined ? DEFAULT_SETTINGS.bodyMemory : BODY_MEMORY_MB * 2 ** 20,
    maxPixels: MAX_PIXELS ?? DEFAULT_SETTINGS.maxPixels,
    retrySeconds: RATE_LIMIT_SECONDS === undefined ? DEFAULT_SETTINGS.retrySeconds : () => RATE_LIMIT_SECONDS,
    log: LOG_REQUESTS === 'true' ? (line) => console.log(line) : undefined,
    allow: limiter && (async (caller) => (await limiter.limit({ key: caller })).success),
  };
}

import * as z from 'zod';
import { UserError } from './error.ts';

/** What an API key may do: `score` scores samples, `admin` everything. */
export const SCOPES = ['score', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key as the deployment knows it: what it may do, and the SHA-256 of its text. */
export interface Key {
  readonly scope: Scope;
  readonly sha256: string;
}

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

const wholeNumber = (most: number) => {
  const expected = `expected a whole number from 1 to ${most}`;
  return z.coerce.number(expected).int(expected).min(1, expected).max(most, expected);
};

const SECONDS = 'expected a number of seconds from 1 to 3600';

const VariablesSchema = z.object({
  API_KEYS: z
    .string()
    .transform(words)
    .pipe(z.array(KeySchema).min(1, 'it is empty: add a key, or delete it to let everyone call'))
    .optional(),
  CORS_ORIGINS: z
    .string()
    .transform(words)
    .pipe(
      z
        .array(z.string().refine(isOrigin, 'expected origins, such as https://example.org, or *'))
        .min(1, 'it is empty: add an origin, or delete it to let the pages of every site call'),
    )
    .optional(),
  RATE_LIMIT_SECONDS: wholeNumber(3600).optional(),
  LOG_REQUESTS: z.enum(['true', 'false'], 'expected true or false').default('true'),
  BODY_SECONDS: z.coerce.number(SECONDS).min(1, SECONDS).max(3600, SECONDS).optional(),
  BODY_MEMORY_MB: wholeNumber(65_536).optional(),
  MAX_PIXELS: wholeNumber(32 * 2 ** 20).optional(),
});

/** The variables whose values are secret. */
const SECRETS: readonly string[] = ['API_KEYS'] satisfies (keyof typeof VariablesSchema.shape)[];

/**
 * Reads the variables of a deployment: the secret `API_KEYS`, `BODY_MEMORY_MB`, `BODY_SECONDS`, `CORS_ORIGINS`,
 * `LOG_REQUESTS`, `MAX_PIXELS` and `RATE_LIMIT_SECONDS`; it ignores others. Throws a {@link UserError} that names a variable with a wrong
 * value, and shows the value unless it is a secret.
 */
export function readVariables(environment: unknown): z.infer<typeof VariablesSchema> {
  const parsed = VariablesSchema.safeParse(environment);
  if (parsed.success) return parsed.data;
  throw wrongVariable(parsed.error, environment);
}

/** The error for the first variable that a schema refuses. */
export function wrongVariable({ issues: [issue] }: z.ZodError, environment: unknown): UserError {
  const name = String(issue!.path[0]);
  const given = (environment as Record<string, unknown>)[name];
  const shown = SECRETS.includes(name) || given === '' ? '' : `, not ${showText(given)}`;
  return new UserError(`${name}: ${issue!.message}${shown}`);
}

/** A value as it was given, cut if it is long. */
export const showText = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};

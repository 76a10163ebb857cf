import { parseArgs } from 'node:util';
import * as z from 'zod';
import { UserError } from '../bundle/error.ts';
import { findNearestName } from '../bundle/misspelling.ts';
import { NODE_ENGINES } from '../bundle/scorer.ts';
import { showText, wrongVariable } from '../bundle/variables.ts';
import { readSettings, type Settings } from '../functions/http/settings.ts';
import { addressReader, limitCalls } from './caller.ts';

/** The command line is wrong, or a variable of the environment. */
export class UsageError extends UserError {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: node server.mjs [options]

Serve the API and the dashboard in production: see docs/deploy.md.

  --model <folder>   the bundle (default: the one that was built in)
  --host <address>   where to listen; 0.0.0.0 for all network interfaces (default: 127.0.0.1)
  --port <n>         0 for any that is free (default: the variable PORT, or 8787)
  --engine <name>    what runs the model: ${NODE_ENGINES.join(' or ')} (default: ${NODE_ENGINES[0]})
  --api-only         no dashboard, no bundle, no map, no categories
  --help

Variables: API_KEYS, CORS_ORIGINS, MAX_PIXELS, BODY_SECONDS, BODY_MEMORY_MB,
LOG_REQUESTS, RATE_LIMIT, RATE_LIMIT_SECONDS, ADDRESS_HEADER, PORT.
`;

const OptionsSchema = z.object({
  model: z.string().min(1, 'expected a folder').optional(),
  host: z.string().min(1, 'expected an address').default('127.0.0.1'),
  port: z
    .string()
    .regex(/^\d+$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().max(65_535, 'expected at most 65535'))
    .default(8787),
  engine: z.enum(NODE_ENGINES, `expected ${NODE_ENGINES.join(' or ')}`).optional(),
  'api-only': z.boolean().default(false),
});

const OPTIONS = {
  model: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  engine: { type: 'string' },
  'api-only': { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** What the command line says. */
export type Options = z.infer<typeof OptionsSchema>;

/** Reads the command line; undefined if it asks for help. Throws a {@link UsageError} that says all that is wrong. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | undefined {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const wrong = tokens.flatMap((token, i) => describeWrong(token, tokens[i - 1]) ?? []);
  if (values.help && wrong.length === 0) return undefined;
  const port = values.port ?? (environment.PORT || undefined);
  const parsed = OptionsSchema.safeParse({ ...values, port });
  // A value that is missing (true), or that a flag does not take, is reported already.
  const issues = (parsed.error?.issues ?? []).filter(
    ({ path: [name] }) => values[String(name)] !== true && name !== 'api-only',
  );
  for (const { path, message } of issues) {
    const name = String(path[0]);
    const given = name === 'port' ? port : values[name];
    const shown = given === '' ? '' : `, not ${showText(given)}`;
    const where = name === 'port' && values.port === undefined ? 'PORT' : `--${name}`;
    wrong.push(`${where}: ${message}${shown}`);
  }
  if (!parsed.success || wrong.length > 0) throw new UsageError(`${wrong.join('\n')} (see --help)`);
  return parsed.data;
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

/** What is wrong with a part of the command line, apart from the values of options. */
function describeWrong(token: Token, before: Token | undefined): string | undefined {
  if (token.kind === 'positional') {
    // What follows an unknown option may be its value.
    const isValue = before?.kind === 'option' && !Object.hasOwn(OPTIONS, before.name);
    return isValue ? undefined : `unexpected argument ${showText(token.value)}`;
  }
  if (token.kind !== 'option') return undefined;
  const { name, rawName, value, inlineValue } = token;
  const option = (OPTIONS as Record<string, { type: string } | undefined>)[name];
  if (!option) {
    const nearest = findNearestName(name, Object.keys(OPTIONS));
    return `unknown option ${rawName}${nearest.near ? `: did you mean --${nearest.name}?` : ''}`;
  }
  if (option.type === 'boolean') return value === undefined ? undefined : `${rawName}: it takes no value`;
  return value === undefined || (!inlineValue && value.startsWith('--'))
    ? `${rawName}: a value is missing`
    : undefined;
}

const VariablesSchema = z.object({
  RATE_LIMIT: z
    .string()
    .regex(/^[1-9]\d*$/, 'expected how many calls a caller may make in RATE_LIMIT_SECONDS, such as 100')
    .transform(Number)
    .optional(),
  ADDRESS_HEADER: z
    .string()
    .regex(/^[\w-]+$/, "expected the name of a header that your proxy sets to the client's address")
    .optional(),
});

/**
 * Reads the settings of the API: the variables that a Worker has, too, see {@link readSettings}; `RATE_LIMIT` and
 * `ADDRESS_HEADER` are instead of what Cloudflare does. Throws a {@link UserError} that names a variable with a wrong
 * value, but never shows a secret.
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): Settings {
  const parsed = VariablesSchema.safeParse(environment);
  if (!parsed.success) throw wrongVariable(parsed.error, environment);
  const { RATE_LIMIT: limit, ADDRESS_HEADER: header } = parsed.data;
  const settings = readSettings(environment);
  return {
    ...settings,
    addressOf: addressReader(header),
    ...(limit !== undefined && limitCalls(limit, settings.retrySeconds())),
  };
}

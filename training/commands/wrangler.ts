import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { UserError } from '../../bundle/error.ts';
import { PROJECT } from './paths.ts';
import { findTool, runTool, ToolError, toolEnvironment } from './tools.ts';

/** Nothing was uploaded: a check has failed, or wrangler has no account. The message says which. */
export class DeployError extends UserError {
  override readonly name = 'DeployError';
}

const string = { type: 'string' } as const;

/** Options of `wrangler deploy` that say which account it uses, as its other commands take them. */
const ACCOUNT = { config: { ...string, short: 'c' }, 'env-file': string, profile: string } as const;

/** What the arguments of `wrangler deploy` say. */
export interface WranglerArguments {
  /** The environment of wrangler.toml. */
  readonly environment: string | undefined;
  /** The domains that get the Worker, in place of an address at workers.dev. */
  readonly domains: readonly string[];
  /** The options of the account. */
  readonly account: readonly string[];
}

export function readArguments(args: readonly string[]): WranglerArguments {
  const many = { ...string, multiple: true } as const;
  const options = { ...ACCOUNT, env: { ...string, short: 'e' }, domain: many, domains: many } as const;
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const account = tokens.flatMap((token) =>
    token.kind === 'option' && token.name in ACCOUNT && token.value !== undefined
      ? [`--${token.name}`, token.value]
      : [],
  );
  const texts = (found: unknown) => [found].flat().filter((value) => typeof value === 'string');
  return {
    environment: texts(values.env)[0],
    domains: [...texts(values.domain), ...texts(values.domains)],
    account,
  };
}

/** Throws a {@link DeployError} if wrangler has no account to deploy to. */
export async function assertLoggedIn(account: readonly string[]): Promise<void> {
  try {
    await runTool('wrangler', ['whoami', '--json', ...account]);
  } catch (error) {
    if (!(error instanceof ToolError && error.output.includes('"loggedIn":false'))) throw error;
    throw new DeployError(
      'wrangler is not logged in to Cloudflare: run npx wrangler login first, or set CLOUDFLARE_API_TOKEN; deploy --dry-run needs no account',
    );
  }
}

const SecretsSchema = z.array(z.object({ name: z.string() }));

/**
 * The names of a Worker's secrets: none if there is no such Worker yet. The name is a whole one, with the environment in
 * it, which this command of wrangler, unlike `deploy`, would append.
 */
export async function listSecrets(worker: string, account: readonly string[]): Promise<string[]> {
  try {
    const { out } = await runTool('wrangler', ['secret', 'list', '--name', worker, ...account]);
    return SecretsSchema.parse(JSON.parse(out)).map(({ name }) => name);
  } catch (error) {
    if (error instanceof ToolError && error.output.includes(`Worker "${worker}" not found`)) return [];
    throw error;
  }
}

/** Has wrangler deploy: it prints the address, and may ask questions. Throws a {@link ToolError} if it fails. */
export async function uploadWorker(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [findTool('wrangler'), 'deploy', ...args], {
    cwd: PROJECT,
    env: { ...toolEnvironment(), ...env },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new ToolError('wrangler did not deploy: its message is above');
}

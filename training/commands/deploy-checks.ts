import { UserError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { EngineName } from '../../bundle/scorer.ts';
import { readVariables } from '../../bundle/variables.ts';
import { plural } from '../console/plural.ts';
import { formatTable } from '../console/table.ts';
import type { ChosenEngine } from './engines.ts';
import { DOCS } from './paths.ts';
import type { Binding, Upload } from './upload.ts';

const MIB = 2 ** 20;

/**
 * What Cloudflare accepts, on every plan but for the number of files, which is that of the free plan:
 * https://developers.cloudflare.com/workers/platform/limits/
 */
export const LIMITS = { workerBytes: 64 * MIB, startMs: 1000, fileBytes: 25 * MIB, files: 20_000 } as const;

/** From this share of a limit on, a check warns. */
const NEAR = 0.8;

/** What was found before a deployment. `fail`: it cannot succeed. `warn`: a person should know. */
export interface Check {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly name: string;
  readonly found: string;
  /** The most that is accepted. */
  readonly limit?: string;
  /** What it means, and what to do. */
  readonly advice?: string;
}

const MARKS = { pass: '✓', warn: '⚠', fail: '✗' } as const;

/** The checks as a table, then what to do about those that do not pass. */
export function describeChecks(checks: readonly Check[]): string[] {
  const rows = checks.map(({ verdict, name, found, limit }) => [MARKS[verdict], name, found, limit ?? '']);
  const advice = checks.flatMap(({ verdict, name, advice }) =>
    advice === undefined ? [] : `${MARKS[verdict]} ${name}: ${advice}`,
  );
  return [...formatTable(['', 'check', 'found', 'limit'], rows, { align: 'left' }), '', ...advice];
}

export const formatBytes = (bytes: number): string =>
  bytes < MIB / 10 ? `${Math.ceil(bytes / 1024)} KiB` : `${Number((bytes / MIB).toFixed(1))} MiB`;

/** A size or a time against its limit. */
function judge(used: number, limit: number): Check['verdict'] {
  if (used > limit) return 'fail';
  return used > NEAR * limit ? 'warn' : 'pass';
}

export function checkBundle(folder: string, { files }: Manifest): Check {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const found = `${folder}: ${plural(files.length, 'file')}, ${formatBytes(bytes)}, all checksums right`;
  return { verdict: 'pass', name: 'bundle', found };
}

/** `operators`: the number of kinds of operators in the model. */
export function checkEngine({ used, why }: ChosenEngine, operators: number): Check {
  const name = 'engine';
  if (why !== undefined) {
    const advice = `the Worker gets ${used}, which is larger, starts slower and may exceed the free plan's 10 ms for a request: ${why}`;
    return { verdict: 'warn', name, found: used, advice };
  }
  const known =
    used === ('offmanifold' satisfies EngineName)
      ? `, which has all ${plural(operators, 'operator')} of the model`
      : '';
  return { verdict: 'pass', name, found: `${used}${known}` };
}

/** A file that is served as it is. */
export interface ServedFile {
  readonly name: string;
  readonly bytes: number;
}

export function checkFiles(files: readonly ServedFile[]): Check {
  const name = 'static files';
  const limit = `${formatBytes(LIMITS.fileBytes)} a file, ${LIMITS.files.toLocaleString('en')} files`;
  if (files.length === 0) return { verdict: 'pass', name, found: 'none', limit };
  const largest = files.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const found = `${plural(files.length, 'file')}, the largest ${formatBytes(largest.bytes)}: ${largest.name}`;
  if (largest.bytes > LIMITS.fileBytes) {
    const advice = `${largest.name} is too large to be served: deploy with --api-only, or train a smaller model`;
    return { verdict: 'fail', name, found, limit, advice };
  }
  return { verdict: judge(files.length, LIMITS.files), name, found, limit };
}

export function checkSize({ bytes, gzBytes }: Upload): Check {
  const verdict = judge(bytes, LIMITS.workerBytes);
  const found = `${formatBytes(bytes)}, ${formatBytes(gzBytes)} compressed`;
  const shared = { verdict, name: 'Worker', found, limit: formatBytes(LIMITS.workerBytes) };
  return verdict === 'pass'
    ? shared
    : { ...shared, advice: 'train a smaller model, or with detectors that keep fewer rows' };
}

/** How many times slower than Cloudflare's this machine may be, with what else it does. */
const SLOWER = 2;

/**
 * `ms`: what the start takes on this machine, Infinity if wrangler did not wait for its end. Cloudflare measures it again,
 * and has the last word.
 */
export function checkStart(ms: number): Check {
  const measured = Number.isFinite(ms);
  const shared = {
    name: 'start',
    found: measured ? `${Math.round(ms)} ms on this machine` : 'not measured',
    limit: `${LIMITS.startMs} ms`,
  };
  const verdict = judge(ms, LIMITS.startMs);
  if (verdict === 'pass') return { ...shared, verdict };
  const rule =
    'Cloudflare refuses a Worker that needs more than a second to start there: a smaller model starts faster, and so does the engine offmanifold';
  if (!measured) {
    const advice = `it took too long here for wrangler to measure; try again when this machine has less to do. ${rule}`;
    return { ...shared, verdict: 'warn', advice };
  }
  return { ...shared, verdict: ms > SLOWER * LIMITS.startMs ? 'fail' : 'warn', advice: rule };
}

/** The variables of wrangler.toml, `--var` and so on: with a wrong one, the Worker answers nothing. */
export function checkVariables(bindings: readonly Binding[]): Check {
  const name = 'variables';
  const variables = bindings.filter(({ text }) => text !== undefined);
  try {
    readVariables(Object.fromEntries(variables.map((binding) => [binding.name, binding.text])));
    const found = variables.map((binding) => binding.name).join(', ');
    return { verdict: 'pass', name, found: found || 'none' };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { verdict: 'fail', name, found: 'a wrong value', advice: error.message };
  }
}

/** `secrets`: the names of those that the Worker has already; undefined if that is not known. */
export function checkKeys(
  bindings: readonly Binding[],
  secrets: readonly string[] | undefined,
  { worker, apiOnly }: { worker: string; apiOnly: boolean },
): Check {
  const name = 'API keys';
  const set = secrets?.includes(KEYS) || bindings.some((binding) => binding.name === KEYS);
  if (set) {
    const found = `set, by the secret ${KEYS}`;
    return apiOnly
      ? { verdict: 'pass', name, found }
      : { verdict: 'warn', name, found, advice: KEYS_PROTECT_API };
  }
  const put = `npx offmanifold key, then npx wrangler secret put ${KEYS} --name ${worker}`;
  return secrets === undefined
    ? {
        verdict: 'warn',
        name,
        found: 'not known without an account',
        advice: `without keys, ANYONE can call the API; to set one: ${put}`,
      }
    : {
        verdict: 'warn',
        name,
        found: 'none',
        advice: `ANYONE who knows the address can call the API; to require a key: ${put}`,
      };
}
const KEYS = 'API_KEYS';

/** What API keys leave open, unless only the API is served. */
export const KEYS_PROTECT_API =
  'they protect the API only: ANYONE can still read the dashboard and /bundle/*, and the model with it; --api-only serves neither';

export function checkRate(bindings: readonly Binding[]): Check {
  const name = 'rate limit';
  const limiter = bindings.find((binding) => binding.name === 'RATE_LIMITER')?.simple;
  if (limiter)
    return { verdict: 'pass', name, found: `${limiter.limit} calls in ${limiter.period} s for each caller` };
  const advice = `a caller may call as often as it likes; to limit that, add RATE_LIMITER to wrangler.toml (${DOCS}/deploy.md)`;
  return { verdict: 'warn', name, found: 'none', advice };
}

export function checkOrigins(bindings: readonly Binding[]): Check {
  const origins = bindings.find((binding) => binding.name === 'CORS_ORIGINS')?.text ?? '*';
  return {
    verdict: 'pass',
    name: 'origins',
    found: origins === '*' ? 'pages of every site (CORS_ORIGINS)' : origins,
  };
}

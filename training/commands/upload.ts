import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { TemporaryFolder } from '../data/datasets/temporary-folder.ts';
import { runTool, ToolError } from './tools.ts';

/** What the Worker gets besides its code, as wrangler uploads it: variables, secrets, rate limits. */
const BindingSchema = z.object({
  name: z.string(),
  type: z.string(),
  /** Of a variable or a secret. */
  text: z.string().optional(),
  /** Of a rate limit: calls per this many seconds. */
  simple: z.object({ limit: z.number(), period: z.number() }).optional(),
});
export type Binding = z.infer<typeof BindingSchema>;

const MetadataSchema = z.object({ bindings: z.array(BindingSchema) });

/** A Worker as it would be uploaded. */
export interface Upload {
  /** The size of its modules, as they are and compressed. */
  readonly bytes: number;
  readonly gzBytes: number;
  readonly bindings: readonly Binding[];
}

/** Reads what wrangler writes with `--outfile`: the form that it uploads. */
export async function readUpload(form: Uint8Array<ArrayBuffer>): Promise<Upload> {
  const boundary = /^--(\S+)/.exec(Buffer.from(form.subarray(0, 200)).toString('latin1'))?.[1];
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  const parts = [...(await new Response(form, { headers }).formData())];
  const metadata = parts.find(([name]) => name === 'metadata')?.[1];
  const { bindings } = MetadataSchema.parse(JSON.parse(String(metadata)));
  // Source maps do not count.
  const modules = parts
    .map(([, value]) => value)
    .filter((value) => typeof value !== 'string')
    .filter(({ type }) => type !== 'application/source-map');
  const whole = new Uint8Array(await new Blob(modules).arrayBuffer());
  return { bytes: whole.length, gzBytes: gzipSync(whole).length, bindings };
}

const ProfileSchema = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: z.object({ functionName: z.string() }) })),
  samples: z.array(z.int()),
  /** Microseconds, for each sample. */
  timeDeltas: z.array(z.number()),
});

/** The milliseconds in which a V8 processor profile was not idle. */
export function activeMs(profile: unknown): number {
  const { nodes, samples, timeDeltas } = ProfileSchema.parse(profile);
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  return timeDeltas.reduce((sum, delta, i) => (idle.has(samples[i]!) ? sum : sum + delta), 0) / 1000;
}

/** How often a start that takes long is measured: what else the machine does adds to it. */
const STARTS = 3;

/**
 * The least time that a start takes, of several if the first takes more than `longMs`. Infinity if wrangler gives up on
 * all of them, as it does after ten seconds on a busy machine.
 */
export async function measureStart(start: () => Promise<number>, longMs: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < STARTS && least > longMs; i++) {
    const ms = await start().catch((error: unknown) => {
      if (error instanceof ToolError && error.output.includes('profiling timed out')) return least;
      throw error;
    });
    least = Math.min(least, ms);
  }
  return least;
}

/** What wrangler makes of `dist/`. */
export interface PackedWorker {
  readonly upload: Upload;
  /** How long it takes to start, in the runtime of Workers on this machine: see {@link measureStart}. */
  readonly startMs: number;
  /** What wrangler warns of. */
  readonly warnings: string;
}

/**
 * Bundles the Worker as `wrangler deploy` with these arguments does, and starts it here, without an account. A start of
 * more than `longMs` is measured again.
 */
export async function packWorker(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  longMs: number,
): Promise<PackedWorker> {
  await using folder = await TemporaryFolder.create('offmanifold-deploy-');
  const form = join(folder.path, 'worker.bundle');
  const deploy = ['deploy', ...args, '--dry-run', '--outfile', form];
  const { warnings } = await runTool('wrangler', deploy, env);
  const profile = join(folder.path, 'start.cpuprofile');
  const startMs = await measureStart(async () => {
    await runTool('wrangler', ['check', 'startup', '--worker', form, '--outfile', profile]);
    return activeMs(JSON.parse(await readFile(profile, 'utf8')));
  }, longMs);
  return { upload: await readUpload(await readFile(form)), startMs, warnings };
}

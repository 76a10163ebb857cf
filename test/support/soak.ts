import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildWorker, type Running, startWorkerd } from '../../bench/edge/contenders.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { type Generated, makeRequest } from './generated-requests.ts';
import { copyProject } from './server.ts';

/** How a Worker fared under many requests. */
export interface Soaked {
  /** How many answers had each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** How many requests got none, because this client went away. */
  readonly aborted: number;
  /**
   * Kilobytes by which workerd's memory grew for each request after the warm-up: the median over parts of the load. A leak
   * shows in every part, unlike what the runtime takes once, such as memory to compile in.
   */
  readonly growth: number;
}

/** Parts of the load after the warm-up: an even number. */
const PARTS = 12;

/** Path at which the Worker of a soak collects garbage. */
const COLLECT = '/collect';

/**
 * Serves a model by workerd and sends generated requests: `warmUp` of them until memory is what it stays, then as many as
 * `requests`. From every tenth, the client goes away. Memory is measured after a forced collection.
 */
export async function soak(
  model: string,
  { warmUp, requests }: { warmUp: number; requests: number },
): Promise<Soaked> {
  const root = await copyProject();
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-soak-'));
  try {
    const built = await buildWorker(folder, resolve(model), 'offmanifold', { root, apiOnly: true });
    await letCollect(folder);
    const manifest: Manifest = JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));
    const server = await startWorkerd(built);
    try {
      return await load(server, manifest, warmUp, requests);
    } finally {
      await server.stop();
    }
  } finally {
    await Promise.all([root, folder].map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** Puts a module before the Worker that collects garbage on request, and keeps V8 from giving young objects more space. */
async function letCollect(folder: string): Promise<void> {
  const source = `import worker from './worker.js';
export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== '${COLLECT}') return worker.fetch(request, env, context);
    gc();
    return new Response();
  },
};
`;
  await writeFile(join(folder, 'soak.js'), source);
  const path = join(folder, 'config.capnp');
  const config = (await readFile(path, 'utf8'))
    .replace('modules = [', 'modules = [(name = "soak.js", esModule = embed "soak.js"), ')
    .replace(
      'sockets =',
      'v8Flags = ["--expose-gc", "--min-semi-space-size=1", "--max-semi-space-size=1"],\n  sockets =',
    );
  await writeFile(path, config);
}

async function load(server: Running, manifest: Manifest, warmUp: number, requests: number): Promise<Soaked> {
  const origin = `http://127.0.0.1:${server.port}`;
  const statuses = new Map<number, number>();
  let aborted = 0;
  let sent = 0;
  const send = async () => {
    const i = sent++;
    const { headers, ...request } = makeRequest(2, i, manifest, []);
    // fetch refuses a wrong one.
    const { 'Content-Length': _, ...others } = headers;
    const signal = i % 10 === 0 ? AbortSignal.timeout(2) : undefined;
    const status = await answerTo(origin, { ...request, headers: others }, signal);
    if (status === undefined) aborted++;
    else statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const until = async (count: number) => {
    while (sent < count) await Promise.all([send(), send(), send(), send()]);
    await fetch(`${origin}${COLLECT}`);
    return server.memory();
  };
  const sizes = [await until(warmUp)];
  for (let part = 1; part <= PARTS; part++) sizes.push(await until(warmUp + (part * requests) / PARTS));
  const steps = sizes.slice(1).map((size, part) => size - sizes[part]!);
  const [lower, upper] = [PARTS / 2 - 1, PARTS / 2].map((k) => steps.toSorted((a, b) => a - b)[k]!);
  return { statuses, aborted, growth: (1000 * (lower! + upper!)) / 2 / (requests / PARTS) };
}

/** The status of an answer, which is read to its end; undefined if the signal came first. */
async function answerTo(
  origin: string,
  { path, ...request }: Generated,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  try {
    const response = await fetch(`${origin}${path}`, {
      ...request,
      redirect: 'manual',
      signal: signal ?? null,
    });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}

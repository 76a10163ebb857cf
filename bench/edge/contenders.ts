import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { EngineName, WeightsName } from '../../bundle/scorer.ts';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMPATIBILITY_DATE = '2026-10-01';

/** A server that answers on a port of 127.0.0.1. */
export interface Running {
  readonly port: number;
  /** Processor time of all its threads so far, in milliseconds. */
  cpu(): Promise<number>;
  /** Its memory, in megabytes. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** A Worker in a folder, ready for workerd, and the size of its upload in megabytes, as it is and compressed. */
export interface Built {
  readonly folder: string;
  readonly mb: number;
  readonly gzMb: number;
}

/** Bundles the Worker for a model as a deployment would, the API alone if `apiOnly`. `root`: the project, or a copy. */
export async function buildWorker(
  folder: string,
  model: string,
  engine: EngineName,
  {
    weights = 'f32',
    root = ROOT,
    apiOnly = false,
  }: { weights?: WeightsName; root?: string; apiOnly?: boolean } = {},
): Promise<Built> {
  const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js');
  const deploy = [wrangler, 'deploy', '--dry-run', '--outdir', folder];
  const env = {
    ...process.env,
    OFFMANIFOLD_MODEL: model,
    OFFMANIFOLD_ENGINE: engine,
    OFFMANIFOLD_WEIGHTS: weights,
    OFFMANIFOLD_API_ONLY: String(apiOnly),
  };
  await promisify(execFile)(process.execPath, deploy, { cwd: root, env });
  const names = (await readdir(folder)).filter((name) => /\.(js|wasm|onnx|bin)$/.test(name));
  await configure(folder, names);
  const upload = Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))));
  return { folder, mb: upload.length / 1e6, gzMb: gzipSync(upload).length / 1e6 };
}

/** A Worker that answers every request at once, with as many bytes as a score takes. */
export async function buildEmpty(folder: string): Promise<Built> {
  await mkdir(folder, { recursive: true });
  const answer = JSON.stringify({ results: [{ score: 1, p_value: 1, anomalous: false }] });
  const source = `export default { async fetch(request) { await request.arrayBuffer(); return new Response('${answer}'); } };\n`;
  await writeFile(join(folder, 'worker.js'), source);
  await configure(folder, ['worker.js']);
  return { folder, mb: source.length / 1e6, gzMb: source.length / 1e6 };
}

/** Writes the configuration of a workerd that serves the modules in a folder. */
async function configure(folder: string, names: readonly string[]): Promise<void> {
  const modules = names
    .toSorted((a, b) => Number(b === 'worker.js') - Number(a === 'worker.js'))
    .map((name) => {
      const kind = name.endsWith('.js') ? 'esModule' : name.endsWith('.wasm') ? 'wasm' : 'data';
      return `(name = "${name}", ${kind} = embed "${name}")`;
    });
  await writeFile(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [${modules.join(', ')}],
    compatibilityDate = "${COMPATIBILITY_DATE}",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
}

/** Starts workerd on a folder. */
export async function startWorkerd({ folder }: Built): Promise<Running> {
  const program = require(require.resolve('workerd', { paths: [require.resolve('wrangler')] })).default;
  const server = spawn(program, ['serve', join(folder, 'config.capnp'), '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  return running(server, server.stdio[3] as Readable, (line) => {
    const message = JSON.parse(line) as { event: string; port?: number };
    return message.event === 'listen' ? message.port : undefined;
  });
}

/** Starts the server that the last build made, with onnxruntime-node on one thread for each request. */
export async function startNode(model: string): Promise<Running> {
  const options = ['--model', model, '--engine', 'onnxruntime-node', '--port', '0'];
  const server = spawn(process.execPath, [join(ROOT, 'dist/server.mjs'), ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return running(server, server.stderr, (line) => Number(/ at http:\S*:(\d+)/.exec(line)?.[1]) || undefined);
}

async function running(
  server: ChildProcess,
  output: Readable,
  portOf: (line: string) => number | undefined,
): Promise<Running> {
  const stop = async () => {
    if (server.exitCode === null && server.kill()) await once(server, 'exit');
  };
  const failed = once(server, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code} before it listened`);
  });
  failed.catch(() => {});
  const listening = (async () => {
    for await (const line of createInterface({ input: output })) {
      const port = portOf(line);
      if (port) return port;
    }
    throw new Error('the server said no port');
  })();
  try {
    const port = await Promise.race([listening, failed]);
    return { port, cpu: () => cpuOf(server.pid!), memory: () => memoryOf(server.pid!), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** From the scheduler, to the nanosecond. */
async function cpuOf(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      return Number(text.split(' ')[0]);
    }),
  );
  return times.reduce((a, b) => a + b, 0) / 1e6;
}

async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1000;
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { verifyFolder } from '../bundle/node/folder.ts';
import { DEFAULT_MODEL } from '../training/cli/options.ts';
import { loadMnist } from '../training/data/readers/mnist.ts';
import { Scorer } from '../training/scorer/scorer.ts';
import type { Bench, Log, Measurement } from './harness.ts';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BATCH = 64;

/** Requests of each kind that are not counted, that are, and batches. */
interface Load {
  readonly warmUp: number;
  readonly requests: number;
  readonly batches: number;
}
const FULL: Load = { warmUp: 100, requests: 1000, batches: 60 };
const QUICK: Load = { warmUp: 5, requests: 30, batches: 3 };

/** Scoring requests to the Worker as it would be deployed, in raw workerd, by one warm client on loopback. */
export const bench: Bench = {
  title: 'Score requests in workerd',
  ...measurement(FULL, { p50_ms: { atMost: 5 } }),
  quick: measurement(QUICK, { score_deviation: { atMost: 1e-3 } }),
};

function measurement(load: Load, targets: Measurement['targets']): Measurement {
  return { targets, run: (log) => inWorkerd(load, log) };
}

/** Builds the Worker, starts workerd, sends the requests and stops it. */
async function inWorkerd(load: Load, log: Log): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-edge-'));
  let server: ChildProcess | undefined;
  try {
    log('building the Worker');
    const size = await buildWorker(folder);
    log('starting workerd');
    server = spawn(workerdProgram(), ['serve', join(folder, 'config.capnp'), '--control-fd=3'], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    return { ...(await measure(await listeningPort(server), load, log)), ...size };
  } finally {
    if (server?.exitCode === null && server.kill()) await once(server, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(port: number, load: Load, log: Log): Promise<Record<string, number>> {
  const { data, height, width } = await loadMnist('test');
  const features = height * width;
  const digits = (first: number, n: number) => data.subarray(first * features, (first + n) * features);
  const json = (i: number) => JSON.stringify({ instances: [Array.from(digits(i, 1))] });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const timed = async (type: string, body: string | Uint8Array) => {
    const start = performance.now();
    await post(port, agent, type, body);
    return performance.now() - start;
  };
  try {
    const first = await timed('application/json', json(0));
    log(`first request ${first.toFixed(0)} ms; then ${load.requests} of each kind, one after the other`);
    const jsonTimes: number[] = [];
    const octetTimes: number[] = [];
    for (let i = -load.warmUp; i < load.requests; i++) {
      const at = i + load.warmUp;
      const times = [
        await timed('application/json', json(at)),
        await timed('application/octet-stream', digits(at, 1)),
      ];
      if (i < 0) continue;
      jsonTimes.push(times[0]!);
      octetTimes.push(times[1]!);
    }
    log(`${load.batches} batches of ${BATCH}`);
    let seconds = 0;
    for (let i = 0; i < load.batches; i++) {
      seconds += (await timed('application/octet-stream', digits(i * BATCH, BATCH))) / 1000;
    }
    return {
      p50_ms: quantile(jsonTimes, 0.5),
      p99_ms: quantile(jsonTimes, 0.99),
      u8_p50_ms: quantile(octetTimes, 0.5),
      batch64_scores_per_s: Math.round((load.batches * BATCH) / seconds),
      first_request_ms: Math.round(first),
      score_deviation: await deviation(digits(0, BATCH), await scores(port, agent, digits(0, BATCH))),
    };
  } finally {
    agent.destroy();
  }
}

/**
 * Bundles the Worker as a deployment would, and writes the configuration of a workerd that serves it.
 * Returns the size of the upload in megabytes, as it is and compressed as Wrangler measures it.
 */
async function buildWorker(folder: string): Promise<{ worker_mb: number; worker_gz_mb: number }> {
  const wrangler = join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js');
  const deploy = [wrangler, 'deploy', '--dry-run', '--outdir', folder];
  await promisify(execFile)(process.execPath, deploy, { cwd: ROOT });
  const { unstable_readConfig } = await import('wrangler');
  const config: { compatibility_date?: string; compatibility_flags: string[] } = unstable_readConfig({
    config: join(ROOT, 'wrangler.toml'),
  });
  const files = (await readdir(folder)).filter((name) => /\.(js|wasm|onnx|bin)$/.test(name));
  const modules = files
    .sort((a, b) => Number(b === 'index.js') - Number(a === 'index.js'))
    .map((name) => {
      const kind = name.endsWith('.js') ? 'esModule' : name.endsWith('.wasm') ? 'wasm' : 'data';
      return `(name = "${name}", ${kind} = embed "${name}")`;
    });
  const flags = config.compatibility_flags.map((flag) => JSON.stringify(flag)).join(', ');
  await writeFile(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [${modules.join(', ')}],
    compatibilityDate = "${config.compatibility_date}",
    compatibilityFlags = [${flags}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  );
  const upload = Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))));
  const megabytes = (bytes: number) => Math.round(bytes / 1e4) / 100;
  return { worker_mb: megabytes(upload.length), worker_gz_mb: megabytes(gzipSync(upload).length) };
}

/** The port that workerd reports on its control pipe once it listens. */
async function listeningPort(server: ChildProcess): Promise<number> {
  const failed = once(server, 'exit').then(([code]) => {
    throw new Error(`workerd stopped with exit code ${code} before it listened`);
  });
  const listening = (async () => {
    for await (const line of createInterface({ input: server.stdio[3] as Readable })) {
      const message = JSON.parse(line) as { event: string; port?: number };
      if (message.event === 'listen' && message.port) return message.port;
    }
    throw new Error('workerd closed its control pipe before it listened');
  })();
  return Promise.race([listening, failed]);
}

async function scores(port: number, agent: Agent, samples: Uint8Array): Promise<number[]> {
  const { results } = JSON.parse(await post(port, agent, 'application/octet-stream', samples)) as {
    results: { score: number }[];
  };
  return results.map(({ score }) => score);
}

/** The largest relative difference of the Worker's scores from onnxruntime-node's. */
async function deviation(samples: Uint8Array, found: readonly number[]): Promise<number> {
  const bundle = await verifyFolder(DEFAULT_MODEL);
  const scorer = await Scorer.load(await bundle.file('scorer.onnx'));
  const { score } = await scorer.run(samples, found.length, ['score']);
  await scorer.release();
  return Math.max(...found.map((value, i) => Math.abs(value / score[i]! - 1)));
}

/** Posts a body to the score route and returns the answer, whose status has to be 200. */
function post(port: number, agent: Agent, type: string, body: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
    const options = { host: '127.0.0.1', port, agent, method: 'POST', path: '/api/v1/score', headers };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`the Worker answered ${response.statusCode}: ${text}`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

/** The quantile q in milliseconds, to the microsecond. */
function quantile(times: number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(q * (sorted.length - 1))]! * 1000) / 1000;
}

/** The native program of the workerd that wrangler brings. */
function workerdProgram(): string {
  return require(require.resolve('workerd', { paths: [require.resolve('wrangler')] })).default;
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyFolder } from '../bundle/node/folder.ts';
import { Engine } from '../engine/engine.ts';
import { EngineMemory } from '../engine/memory/memory.ts';
import { parseModel } from '../engine/onnx/model.ts';
import { packedLength } from '../kernels/inference.ts';
import { DEFAULT_MODEL } from '../training/cli/options.ts';
import { loadMnist } from '../training/data/readers/mnist.ts';
import { Scorer } from '../training/scorer/scorer.ts';
import { type Bodies, quantile, requestsPerSecond, timeEach } from './edge/client.ts';
import { buildEmpty, buildWorker, type Running, startNode, startWorkerd } from './edge/contenders.ts';
import { mnistConvolutional, mnistDense, type Served, table30 } from './edge/models.ts';
import type { Bench, Log } from './harness.ts';

const KERNELS = new URL('../kernels/build/inference-relaxed.wasm', import.meta.url);
const CLIENTS = 16;
const JSON_TYPE = 'application/json';

/** How much is sent: scores before the memory is read, and then rounds in which the contenders take turns. */
interface Load {
  readonly warmUp: number;
  readonly rounds: number;
  readonly single: number;
  readonly many: number;
  readonly batches: number;
}
const FULL: Load = { warmUp: 2000, rounds: 4, single: 250, many: 1500, batches: 15 };
const QUICK: Load = { warmUp: 50, rounds: 1, single: 20, many: 60, batches: 2 };

/**
 * Score requests to the Worker as it is deployed, in raw workerd on loopback: with our engine, with onnxruntime-web, and
 * the same routes on Node with onnxruntime-node on one thread. All in one run, so that their ratios mean something.
 */
export const bench: Bench = {
  title: 'Score requests in workerd',
  targets: {
    first_score_cpu_ms: { atMost: 8 },
    startup_cpu_over_ortweb: { atMost: 0.15 },
    memory_over_ortweb: { atMost: 0.2 },
    json_p50_over_ortweb: { atMost: 0.35 },
    u8_p50_over_ortweb: { atMost: 0.3 },
    json_16_over_ortweb: { atLeast: 3 },
    u8_16_over_ortweb: { atLeast: 3 },
    json_16_over_node: { atLeast: 1.3 },
    u8_16_over_node: { atLeast: 1.3 },
    batch64_over_ortweb: { atLeast: 3 },
    engine_over_bound: { atMost: 1.8 },
    conv_p50_over_ortweb: { atMost: 0.6 },
    table_p50_over_ortweb: { atMost: 0.4 },
    engine_wasm_kb: { atMost: 80 },
    upload_gz_mb: { atMost: 6 },
    upload_gz_mb_int8: { atMost: 2.5 },
    score_deviation: { atMost: 1e-4 },
  },
  run: (log) =>
    inFolder(async (folder) => ({
      ...(await compareModel(folder, await mnistDense(), FULL, log)),
      ...(await measureSmallest(folder, log)),
      ...prefix('conv', await compareModel(folder, await mnistConvolutional(folder), FULL, log)),
      ...prefix('table', await compareModel(folder, await table30(folder), FULL, log)),
      ...(await measureEngine()),
    })),
  quick: {
    targets: {
      score_deviation: { atMost: 1e-4 },
      engine_wasm_kb: { atMost: 80 },
      upload_gz_mb: { atMost: 6 },
      upload_gz_mb_int8: { atMost: 2.5 },
    },
    run: (log) =>
      inFolder(async (folder) => ({
        ...(await compareModel(folder, await mnistDense(), QUICK, log)),
        ...(await measureSmallest(folder, log)),
        ...(await measureEngine()),
      })),
  },
};

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-edge-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The upload with weights in 8 bits. */
async function measureSmallest(folder: string, log: Log): Promise<Record<string, number>> {
  log(`building the Worker for ${DEFAULT_MODEL} with weights in 8 bits`);
  try {
    const { gzMb } = await buildWorker(join(folder, 'int8'), DEFAULT_MODEL, 'offmanifold', {
      weights: 'int8',
    });
    return { upload_gz_mb_int8: gzMb };
  } catch (error) {
    // They may change a verdict of the model at hand: then its target is missed, and all other figures count.
    log((error as Error).message);
    return {};
  }
}

/** Of a second model, only what has a target. */
function prefix(name: string, { json_p50_over_ortweb }: Record<string, number>): Record<string, number> {
  return { [`${name}_p50_over_ortweb`]: json_p50_over_ortweb! };
}

/** What is measured of a server. */
interface Figures {
  json: number[];
  compact: number[];
  json16: number[];
  compact16: number[];
  batch: number[];
  place: number[];
  /** Processor time in ms: until the server listens, and of its first score. */
  start: number;
  first: number;
  /** In MB after the scores of the warm-up, from one client. */
  memory: number;
}

async function compareModel(
  folder: string,
  { folder: model, bodies }: Served,
  load: Load,
  log: Log,
): Promise<Record<string, number>> {
  log(`building the Workers for ${model}`);
  const own = await buildWorker(join(folder, 'own'), model, 'offmanifold');
  const web = await buildWorker(join(folder, 'web'), model, 'onnxruntime-web');
  const empty = await buildEmpty(join(folder, 'empty'));
  const starts = {
    empty: () => startWorkerd(empty),
    own: () => startWorkerd(own),
    ortweb: () => startWorkerd(web),
    node: () => startNode(model),
  };
  type Name = keyof typeof starts;
  const names = Object.keys(starts) as Name[];
  const servers = new Map<Name, Running>();
  const figures = new Map<Name, Figures>();
  try {
    for (const name of names) {
      const server = await starts[name]();
      servers.set(name, server);
      figures.set(name, await measureStart(server, bodies, load));
    }
    for (let round = 0; round < load.rounds; round++) {
      for (const name of names) {
        log(`round ${round + 1} of ${load.rounds}: ${name}`);
        await measureRound(servers.get(name)!.port, bodies, load, figures.get(name)!);
      }
    }
  } finally {
    for (const server of servers.values()) await server.stop();
  }
  const of = (name: Name) => figures.get(name)!;
  const [mine, theirs, node, none] = [of('own'), of('ortweb'), of('node'), of('empty')];
  const p50 = (times: readonly number[]) => quantile(times, 0.5);
  const best = (rates: readonly number[]) => Math.max(...rates);
  return {
    empty_p50_ms: p50(none.compact),
    json_p50_ms: p50(mine.json),
    u8_p50_ms: p50(mine.compact),
    json_p99_ms: quantile(mine.json, 0.99),
    place_p50_ms: p50(mine.place),
    batch64_scores_per_s: best(mine.batch),
    first_score_cpu_ms: mine.first - none.first,
    first_score_cpu_ortweb_ms: theirs.first - none.first,
    startup_cpu_ms: mine.start - none.start,
    startup_cpu_over_ortweb: (mine.start - none.start) / (theirs.start - none.start),
    memory_mb: mine.memory - none.memory,
    memory_over_ortweb: (mine.memory - none.memory) / (theirs.memory - none.memory),
    json_p50_over_ortweb: p50(mine.json) / p50(theirs.json),
    u8_p50_over_ortweb: p50(mine.compact) / p50(theirs.compact),
    u8_p50_over_ortweb_above_empty:
      (p50(mine.compact) - p50(none.compact)) / (p50(theirs.compact) - p50(none.compact)),
    json_16_over_ortweb: best(mine.json16) / best(theirs.json16),
    u8_16_over_ortweb: best(mine.compact16) / best(theirs.compact16),
    json_16_over_node: best(mine.json16) / best(node.json16),
    u8_16_over_node: best(mine.compact16) / best(node.compact16),
    batch64_over_ortweb: best(mine.batch) / best(theirs.batch),
    batch64_over_node: best(mine.batch) / best(node.batch),
    upload_mb: own.mb,
    upload_gz_mb: own.gzMb,
  };
}

/** The processor time of a start and of a server's first score, and its memory after the warm-up. */
async function measureStart(
  { port, cpu, memory }: Running,
  { json, compact, compactType }: Bodies,
  { warmUp }: Load,
): Promise<Figures> {
  const start = await cpu();
  await timeEach(port, JSON_TYPE, json, 1);
  const first = (await cpu()) - start;
  await timeEach(port, compactType, compact, warmUp);
  const mb = await memory();
  return { json: [], compact: [], json16: [], compact16: [], batch: [], place: [], start, first, memory: mb };
}

async function measureRound(port: number, bodies: Bodies, load: Load, figures: Figures): Promise<void> {
  const { json, compact, compactType, batch, batchSize } = bodies;
  await timeEach(port, JSON_TYPE, json, load.single / 2);
  figures.json.push(...(await timeEach(port, JSON_TYPE, json, load.single)));
  figures.compact.push(...(await timeEach(port, compactType, compact, load.single)));
  figures.place.push(...(await timeEach(port, compactType, compact, load.single / 5, '?map=true')));
  const many = { clients: CLIENTS, count: load.many };
  figures.json16.push(await requestsPerSecond(port, JSON_TYPE, json, many));
  figures.compact16.push(await requestsPerSecond(port, compactType, compact, many));
  const times = await timeEach(port, compactType, [batch], load.batches);
  figures.batch.push((1000 * batchSize) / quantile(times, 0.25));
}

/** The engine by itself, in this process. */
async function measureEngine(): Promise<Record<string, number>> {
  const bundle = await verifyFolder(DEFAULT_MODEL);
  const scorerBytes = await bundle.file('scorer.onnx');
  const binary = await readFile(KERNELS);
  const kernels = new WebAssembly.Module(binary);
  const engine = new Engine(scorerBytes, kernels);
  const { data } = await loadMnist('test');
  const digits = Float32Array.from(data.subarray(0, 64 * engine.features));
  const one = (i: number) => digits.subarray((i % 64) * engine.features, ((i % 64) + 1) * engine.features);
  const score = bestOf(20, () => {
    for (let i = 0; i < 64; i++) engine.run(one(i), 1, ['score', 'p_value']);
  });
  const bound = countProducts(scorerBytes) / rateInCache(kernels);
  return {
    engine_score_ms: score / 64,
    engine_over_bound: score / 64 / bound,
    engine_wasm_kb: binary.length / 1000,
    score_deviation: await deviation(scorerBytes, engine, digits),
  };
}

/** Multiply-adds of one sample: each product by a constant matrix takes one for each of its numbers. */
function countProducts(bytes: Uint8Array): number {
  const { nodes, constants } = parseModel(bytes);
  return nodes
    .filter(({ op }) => op === 'Gemm' || op === 'MatMul')
    .reduce((sum, { inputs }) => sum + (constants.get(inputs[1]!)?.length ?? 0), 0);
}

/** Multiply-adds a millisecond of the same kernel, one row by weights that are in the cache. */
function rateInCache(module: WebAssembly.Module): number {
  const memory = new EngineMemory(module);
  const [k, m, times] = [128, 64, 2000];
  const row = memory.take(k);
  const panels = memory.take(packedLength(k, m));
  const bias = memory.take(m);
  const y = memory.take(m);
  memory.floats.fill(1, row / 4, row / 4 + k);
  const ms = bestOf(20, () => {
    for (let i = 0; i < times; i++) memory.kernels.gemm(row, panels, y, 1, k, m, bias, false);
  });
  return (times * k * m) / ms;
}

/** The least time of several runs, in milliseconds. */
function bestOf(runs: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** The largest relative difference of the engine's scores from onnxruntime-node's. */
async function deviation(bytes: Uint8Array, engine: Engine, samples: Float32Array): Promise<number> {
  const n = samples.length / engine.features;
  const scorer = await Scorer.load(bytes);
  const { score: expected } = await scorer.run(samples, n, ['score']);
  await scorer.release();
  const { score } = engine.run(samples, n, ['score']);
  return Math.max(...score.map((value, i) => Math.abs(value / expected[i]! - 1)));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { verifyFolder } from '../bundle/node/folder.ts';
import type { Bench, Log } from './harness.ts';
import { pythonWith, runScript } from './peers/program.ts';

/** Rows to train on and rows to score. */
const FULL = { train: 10_000, score: 1_000_000 };
const QUICK = { train: 1000, score: 20_000 };
const COLUMNS = 30;
const LATENT = 5;
/** Rows that scikit-learn's isolation forest scores: enough to tell how fast it is. */
const FOREST_ROWS = 200_000;
const FOREST_LIMIT_S = 120;

const CLI = fileURLToPath(new URL('../training/cli.ts', import.meta.url));

/** Says at the end of a process how much memory it has taken, in kilobytes. */
const MAX_RSS =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('maxrss '+process.resourceUsage().maxRSS+'\\n'))";

/** Training on a small table and scoring a large one, each by its command. */
export const bench: Bench = {
  title: `training on ${FULL.train} rows of ${COLUMNS} columns, scoring ${FULL.score}`,
  targets: {
    train_10k_s: { atMost: 20 },
    bulk_rows_per_s: { atLeast: 100_000 },
    bulk_rss_mb: { atMost: 1536 },
    train_10k_over_forest: { atMost: 8 },
    bulk_over_forest: { atLeast: 3 },
  },
  async run(log) {
    const figures = await bulkFigures(log, FULL);
    return { ...figures, ...(await compareWithForest(figures, log)) };
  },
  quick: { targets: {}, run: (log) => bulkFigures(log, QUICK) },
};

/**
 * Seconds that `train` takes with the default detectors, and how many of them the map takes; the rows that `score`
 * scores per second from CSV and from Parquet (`bulk_rows_per_s` is the slower of the two), counted from the start of
 * the command to its end; and the peak memory of scoring.
 */
async function bulkFigures(log: Log, size: typeof FULL): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-bulk-'));
  const at = (name: string) => join(folder, name);
  try {
    log(`writing ${size.score} rows of ${COLUMNS} columns`);
    await writeTables(at('train.parquet'), at('rows.parquet'), at('rows.csv'), size);
    const trained = await command(['train', at('train.parquet'), '--out', at('model')], log);
    const { run } = (await verifyFolder(at('model'))).manifest;
    const score = (format: string) =>
      command(['score', at(`rows.${format}`), '--model', at('model'), '--out', at(`scores.${format}`)], log);
    const [csv, parquet] = [await score('csv'), await score('parquet')];
    return {
      train_10k_s: trained.seconds,
      train_10k_map_s: run.map_seconds,
      bulk_rows_per_s: size.score / Math.max(csv.seconds, parquet.seconds),
      bulk_csv_rows_per_s: size.score / csv.seconds,
      bulk_parquet_rows_per_s: size.score / parquet.seconds,
      bulk_rss_mb: Math.max(csv.megabytes, parquet.megabytes),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The same by scikit-learn's isolation forest: training as a multiple of the time of a process that imports it and fits it,
 * and the rows scored per second as a multiple of what the fitted forest alone scores, without reading or writing files.
 */
async function compareWithForest(
  { train_10k_s, bulk_rows_per_s }: Record<string, number>,
  log: Log,
): Promise<Record<string, number>> {
  const python = await pythonWith('sklearn');
  if (!python) {
    log('bulk_over_forest: not measured: scikit-learn is not installed');
    return {};
  }
  const run = (fit: number, score: number) =>
    runScript<{ version: string; fit_s: number; score_s: number }>(
      python,
      ['isolation_forest.py', `${fit}`, `${score}`, `${COLUMNS}`],
      FOREST_LIMIT_S,
    );
  const began = performance.now();
  const { version, fit_s } = await run(FULL.train, 1);
  const whole = (performance.now() - began) / 1000;
  const { score_s } = await run(FULL.train, FOREST_ROWS);
  const rate = FOREST_ROWS / score_s;
  log(
    `scikit-learn ${version}, isolation forest: fit ${fit_s.toFixed(2)} s, with its process ${whole.toFixed(2)} s, ${Math.round(rate)} rows/s`,
  );
  return { train_10k_over_forest: train_10k_s / whole, bulk_over_forest: bulk_rows_per_s / rate };
}

/** Runs a command of the program: how long it takes, and how much memory. */
async function command(args: readonly string[], log: Log): Promise<{ seconds: number; megabytes: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', MAX_RSS, CLI, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${said.trim().split('\n').at(-1)}`);
  const kilobytes = Number(/maxrss (\d+)/.exec(said)![1]);
  log(`${args[0]}: ${seconds.toFixed(1)} s`);
  return { seconds, megabytes: (1024 * kilobytes) / 1e6 };
}

/** Rows near a curved five-dimensional sheet in the space of the columns, with noise; the same rows every time. */
async function writeTables(train: string, rows: string, csv: string, size: typeof FULL): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const uniform = (what: string) => `hash(${what}) / 18446744073709551616.0`;
  const latent = Array.from({ length: LATENT }, (_, k) => `${uniform(`i, ${k}, seed`)} AS z${k}`);
  const columns = Array.from({ length: COLUMNS }, (_, j) => {
    const sum = Array.from({ length: LATENT }, (_, k) => `${Math.sin(1 + 7 * j + 3 * k).toFixed(3)} * z${k}`);
    const noise = `0.1 * (${uniform(`i, 'x', ${j}, seed`)} - 0.5)`;
    return `CAST(round(${10 ** (j % 4)} * (sin(${j % 3} + 2 * (${sum.join(' + ')})) + ${noise}), 4) AS FLOAT) AS x${j}`;
  });
  const table = (count: number, seed: number) =>
    `SELECT ${columns.join(', ')} FROM (SELECT i, seed, ${latent.join(', ')} FROM (SELECT range AS i, ${seed} AS seed FROM range(${count})))`;
  try {
    await connection.run(`COPY (${table(size.train, 1)}) TO '${train}' (FORMAT parquet)`);
    await connection.run(`COPY (${table(size.score, 2)}) TO '${rows}' (FORMAT parquet)`);
    await connection.run(`COPY (SELECT * FROM read_parquet('${rows}')) TO '${csv}' (HEADER)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

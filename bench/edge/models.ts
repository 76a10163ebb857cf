import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../kernels/random.ts';
import { DEFAULT_MODEL } from '../../training/cli/options.ts';
import type { Configuration } from '../../training/config/schema.ts';
import { loadMnist } from '../../training/data/readers/mnist.ts';
import { openSource } from '../../training/data/source.ts';
import { runPipeline } from '../../training/pipeline/run.ts';
import type { Bodies } from './client.ts';

const BATCH = 64;

/** A model to serve, and requests for it. */
export interface Served {
  readonly folder: string;
  readonly bodies: Bodies;
}

/** The model in models/mnist, and test digits. */
export async function mnistDense(): Promise<Served> {
  return { folder: DEFAULT_MODEL, bodies: await digits() };
}

/** A convolutional autoencoder of digits, trained just enough to be one. */
export async function mnistConvolutional(folder: string): Promise<Served> {
  const options: Configuration = {
    architecture: 'convolutional',
    limit: 6000,
    epochs: 1,
    map_points: 500,
    iterations: 250,
  };
  const out = join(folder, 'convolutional');
  await runPipeline(() => openSource('mnist', options), options, { out });
  return { folder: out, bodies: await digits() };
}

async function digits(): Promise<Bodies> {
  const { data, height, width } = await loadMnist('test');
  const features = height * width;
  const take = (first: number, n: number) => data.subarray(first * features, (first + n) * features);
  const each = Array.from({ length: 500 }, (_, i) => take(i, 1));
  return {
    json: each.map((digit) => JSON.stringify({ instances: [Array.from(digit)] })),
    compact: each,
    compactType: 'application/octet-stream',
    batch: take(0, BATCH),
    batchSize: BATCH,
  };
}

/** Rows of 30 columns of numbers with five factors behind them, always the same five. Other seeds draw other rows. */
export function tableRows(seed: number, count: number): { columns: string[]; rows: number[][] } {
  const columns = Array.from({ length: 30 }, (_, j) => `x${j + 1}`);
  const factorsOf = new Random(1);
  const loadings = Array.from({ length: 150 }, () => factorsOf.normal());
  const random = new Random(seed);
  const rows = Array.from({ length: count }, () => {
    const factors = Array.from({ length: 5 }, () => random.normal());
    return columns.map((_, j) =>
      Number(
        (factors.reduce((sum, f, k) => sum + f * loadings[5 * j + k]!, 0) + 0.3 * random.normal()).toFixed(4),
      ),
    );
  });
  return { columns, rows };
}

/** A model of such rows. */
export async function table30(folder: string): Promise<Served> {
  const { columns, rows } = tableRows(2, 5000);
  const path = join(folder, 'table.csv');
  await writeFile(path, `${[columns, ...rows].join('\n')}\n`);
  const options: Configuration = { map_points: 500, iterations: 250 };
  const out = join(folder, 'table');
  await runPipeline(() => openSource(path, options), options, { out });
  const record = (row: readonly number[]) => Object.fromEntries(row.map((x, j) => [columns[j], x]));
  const csv = (some: readonly (readonly number[])[]) => `${[columns, ...some].join('\n')}\n`;
  return {
    folder: out,
    bodies: {
      json: rows.slice(0, 500).map((row) => JSON.stringify({ instances: [record(row)] })),
      compact: rows.slice(0, 500).map((row) => csv([row])),
      compactType: 'text/csv',
      batch: csv(rows.slice(0, BATCH)),
      batchSize: BATCH,
    },
  };
}

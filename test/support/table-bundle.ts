import { readFile, writeFile } from 'node:fs/promises';
import { parseRecord } from '../../bundle/column-parsing.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import type { TableRecord } from '../../bundle/record.ts';
import { SCORER_OUTPUTS, type ScorerOutput } from '../../bundle/scorer.ts';
import { Random } from '../../kernels/random.ts';
import { autoencoder, train } from '../../training/index.ts';
import { Scorer } from '../../training/scorer/scorer.ts';
import { readMapRows } from './map-rows.ts';
import { FIXTURES } from './paths.ts';

/** The small table bundle: numbers, a category, a flag, a date, missing values, a label. */
export const TABLE_BUNDLE = `${FIXTURES}/table-bundle`;

/** The table that it was trained on, records like its rows and others, and their scores from onnxruntime-node. */
export const TABLE_EXPECTED = `${FIXTURES}/table-expected.json`;

export interface TableExpected {
  csv: string;
  /** The scores of the map's points, which are rows of the table. */
  mapScores: number[];
  /** Records like the table's rows, then as many off the manifold. */
  records: TableRecord[];
  outputs: Record<keyof ScorerOutput, number[]>;
}

const ROWS = 1500;
const SHOWN = 16;

/** Trains the table bundle in a folder, and notes what the scorer answers for some records. */
export async function prepareTable(folder: string): Promise<void> {
  const csv = csvOf(orders(ROWS, 7));
  const path = `${folder}/orders.csv`;
  const out = `${folder}/table-bundle`;
  await writeFile(path, csv);
  const model = autoencoder({ epochs: 40, contamination: 0.05, map_points: 160, iterations: 500, seed: 3 });
  const { data } = await train(model, path, { out });
  if (data.scaling.kind !== 'columns') throw new Error('a table is scaled by its columns');
  const { columns } = data.scaling;
  const near = orders(SHOWN, 8).map(({ fraud: _, order_id: __, ...record }) => record);
  const records = [...near, ...near.map(offManifold)];
  const raw = new Float32Array(records.length * columns.length);
  for (const [i, record] of records.entries()) {
    const errors = parseRecord(columns, record, raw, i * columns.length);
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
  }
  const bundle = await openFolder(out);
  const scorer = await Scorer.load(await readFile(`${out}/scorer.onnx`));
  const found = await scorer.run(raw, records.length, [...SCORER_OUTPUTS]);
  await scorer.release();
  const expected: TableExpected = {
    csv,
    mapScores: (await readMapRows(await bundle.file('map.parquet'))).map(({ score }) => score),
    records,
    outputs: Object.fromEntries(
      SCORER_OUTPUTS.map((name) => [name, [...found[name]]]),
    ) as TableExpected['outputs'],
  };
  await writeFile(`${folder}/table-expected.json`, JSON.stringify(expected));
}

const CITIES = ['Paris', 'Oslo', 'Rome', 'Lima'];
const DAY = 86_400_000;

/** Orders of customers: who is older is a member for longer, earns more, lives elsewhere and spends more. */
function orders(count: number, seed: number): TableRecord[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const age = 20 + 50 * random.uniform();
    const richness = (age - 20) / 50;
    const city = Math.min(3, Math.floor(4 * (0.8 * richness + 0.2 * random.uniform())));
    const income = Math.round(20_000 + 40_000 * richness + 5_000 * city + 2_000 * random.normal());
    const since = new Date(
      Date.UTC(2024, 0, 1) - DAY * Math.round(3_000 * richness + 200 * random.uniform()),
    );
    const amount = Number((income / 1000 + 4 * random.normal()).toFixed(2));
    const order: TableRecord = {
      order_id: 10_000 + i,
      age: Math.round(age),
      income: random.uniform() < 0.1 ? null : income,
      city: CITIES[city]!,
      member: richness + 0.05 * random.normal() > 0.5,
      since: since.toISOString().slice(0, 10),
      amount,
    };
    const fraud = i % 50 === 49;
    return { ...(fraud ? { ...offManifold(order), order_id: order.order_id! } : order), fraud };
  });
}

/** The same order with each value in its usual range, but not together. */
function offManifold(order: TableRecord): TableRecord {
  return {
    ...order,
    age: 90 - Number(order.age),
    member: !order.member,
    amount: 120 - Number(order.amount),
  };
}

function csvOf(rows: readonly TableRecord[]): string {
  const lines = rows.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value))));
  return [Object.keys(rows[0]!), ...lines].map((line) => `${line.join(',')}\n`).join('');
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { auroc } from '../bundle/metrics.ts';
import { Random } from '../kernels/random.ts';
import { runSubgraph } from '../training/detectors/run.ts';
import type { Matrix } from '../training/runtime/rows.ts';
import { fitMembers, type Member, memberName } from '../training/scorer/ensemble.ts';
import { fuse } from '../training/scorer/fusion.ts';
import { CONTAMINATION, chooseMembers, FUSION } from '../training/scorer/members.ts';
import { fitProjection } from '../training/scorer/projection.ts';
import type { View } from '../training/scorer/views.ts';
import type { Log } from './harness.ts';
import { columnName, type Labelled, measureTablePath } from './table-path.ts';

/** The folder of data that a clone does not have. Without them, the figures that need them are left out. */
export const DATA = process.env.OFFMANIFOLD_DATA ?? 'data';

const MOST_ROWS = 10_000;
const TRAIN_SHARE = 0.7;
/** Seeds of the splits; figures are means over them. */
export const SEEDS = [1, 2, 3];

/** Every `NAME.csv.gz` in a folder. */
export async function readTables(folder: string): Promise<Map<string, Labelled>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.csv.gz')).sort();
  const sets = new Map<string, Labelled>();
  for (const name of names) {
    const [header, ...lines] = gunzipSync(await readFile(join(folder, name)))
      .toString()
      .trim()
      .split('\n');
    const d = header.split(',').length - 1;
    const numbers = lines.map((line) => line.split(',').map(Number));
    sets.set(name.replace('.csv.gz', ''), {
      values: Float32Array.from(numbers.flatMap((row) => row.slice(0, d))),
      labels: Uint8Array.from(numbers, (row) => row[d]),
      n: lines.length,
      d,
    });
  }
  return sets;
}

/** Takes at most 10,000 rows, 70 % of each class for training. */
export function drawRows({ labels, n }: Labelled, seed: number): { train: number[]; test: number[] } {
  const order = new Random(seed).shuffle(new Uint32Array(n).map((_, i) => i)).subarray(0, MOST_ROWS);
  const [train, test]: [number[], number[]] = [[], []];
  for (const label of [0, 1]) {
    const own = Array.from(order).filter((i) => labels[i] === label);
    const count = Math.round(TRAIN_SHARE * own.length);
    train.push(...own.slice(0, count));
    test.push(...own.slice(count));
  }
  return { train, test };
}

/** Draws a small table from another: as many anomalies as it has, but at least 6 % and at most 20 % of the rows. */
export function drawSmall(set: Labelled, rows: number, seed: number): Labelled {
  const { values, labels, n, d } = set;
  const order = Array.from(new Random(seed).shuffle(new Uint32Array(n).map((_, i) => i)));
  const share = labels.reduce((a, b) => a + b, 0) / n;
  const anomalies = Math.round(rows * Math.min(0.2, Math.max(0.06, share)));
  const take = (label: number, count: number) => order.filter((i) => labels[i] === label).slice(0, count);
  const taken = [...take(1, anomalies), ...take(0, rows - anomalies)];
  return {
    values: Float32Array.from(taken.flatMap((i) => Array.from(values.subarray(i * d, (i + 1) * d)))),
    labels: Uint8Array.from(taken, (i) => labels[i]),
    n: taken.length,
    d,
  };
}

/** Splits a table by {@link drawRows}, and standardises all by the training rows. */
export function splitByClass(set: Labelled, seed: number): { train: Matrix; test: Labelled } {
  const { values, labels, d } = set;
  const { train, test } = drawRows(set, seed);
  const mean = new Float64Array(d);
  const squares = new Float64Array(d);
  for (const i of train) for (let j = 0; j < d; j++) mean[j] += values[i * d + j] / train.length;
  for (const i of train)
    for (let j = 0; j < d; j++) squares[j] += (values[i * d + j] - mean[j]) ** 2 / train.length;
  const take = (rows: number[]): Matrix => ({
    values: Float32Array.from(
      rows.flatMap((i) =>
        Array.from({ length: d }, (_, j) => (values[i * d + j] - mean[j]) / (Math.sqrt(squares[j]) || 1)),
      ),
    ),
    n: rows.length,
    d,
  });
  return { train: take(train), test: { ...take(test), labels: Uint8Array.from(test, (i) => labels[i]) } };
}

/** Mean AUROC over tables: of rows that the product reads from CSV, and of standardised matrices without its columns. */
export interface TableFigures {
  readonly path: number;
  readonly matrix: number;
  readonly tables: number;
}

/**
 * Mean AUROC of the default detectors over the tables in a folder and a few splits of each, with one configuration
 * for all: contaminated training, no labels. With `rows`, each table is only a draw of so many rows of it.
 */
export async function measureTables(folder: string, log: Log, rows?: number): Promise<TableFigures> {
  let [path, matrix] = [0, 0];
  const sets = await readTables(folder);
  for (const [name, whole] of sets) {
    const own: Record<string, number> = {};
    const add = (key: string, area: number) => {
      own[key] = (own[key] ?? 0) + area / SEEDS.length;
    };
    for (const seed of SEEDS) {
      const set = rows === undefined ? whole : drawSmall(whole, rows, seed);
      const { train, test } = splitByClass(set, seed);
      const members = chooseMembers(undefined, { kind: 'matrix', shape: [set.d], variational: false });
      const found = await measureTable(train, test, members, { seed, contamination: CONTAMINATION.table });
      for (const [key, area] of Object.entries(found)) add(key, area);
      const drawn = drawRows(set, seed);
      const configuration = { seed, types: whole === set ? {} : typesOf(whole) };
      add('from CSV', await measureTablePath(set, drawn.train, drawn.test, configuration));
    }
    path += own['from CSV'] / sets.size;
    matrix += own.fused / sets.size;
    log(`${name}: ${formatAreas(own)}`);
  }
  log(`mean: ${formatAreas({ fused: matrix, 'from CSV': path })}`);
  return { path, matrix, tables: sets.size };
}

/** The columns that a few rows may show as flags, and the whole table does not: its owner would say so. */
function typesOf({ values, n, d }: Labelled): Record<string, 'number'> {
  const isFlag = (j: number) => {
    for (let i = 0; i < n; i++) if (values[i * d + j] !== 0 && values[i * d + j] !== 1) return false;
    return true;
  };
  const columns = Array.from({ length: d }, (_, j) => j).filter((j) => !isFlag(j));
  return Object.fromEntries(columns.map((j) => [columnName(j), 'number']));
}

const formatAreas = (areas: Record<string, number>) =>
  Object.entries(areas)
    .map(([key, area]) => `${key} ${area.toFixed(4)}`)
    .join('  ');

/** AUROC of each member and of the fused score. */
async function measureTable(
  train: Matrix,
  test: Labelled,
  members: readonly Member[],
  options: { seed: number; contamination: number },
): Promise<Record<string, number>> {
  const { each, score } = await scoreTable(train, test, members, options);
  const figures = members.map((member, j) => [memberName(member), areaOf(each[j], test)] as const);
  return Object.fromEntries([...figures, ['fused', areaOf(score, test)]]);
}

/** AUROC of the scores of labelled rows. */
export function areaOf(scores: Float32Array, { labels }: Pick<Labelled, 'labels'>): number {
  const of = (label: number) => scores.filter((_, i) => labels[i] === label);
  return auroc(of(0), of(1));
}

/** Fits members to rows and scores others: the surprise of each member, [n] each, and the fused score. */
export async function scoreTable(
  train: Matrix,
  test: Matrix,
  members: readonly Member[],
  options: { seed: number; contamination: number },
): Promise<{ each: Float32Array[]; score: Float32Array }> {
  const projection = await fitProjection(train, options);
  const projected = await runSubgraph(projection.apply, train);
  const none = { values: new Float32Array(0), n: 0, d: train.d };
  const fitted = await fitMembers(
    members,
    {
      train: { input: train, projection: { values: projected, n: train.n, d: projection.width } },
      unseen: { input: none, projection: { ...none, d: projection.width } },
    },
    options,
  );
  const found = await runSubgraph(
    (graph, x) => {
      const projected = projection.apply(graph, x);
      const views = (view: View) => (view === 'projection' ? projected : x);
      const { each, score } = fuse(graph, views, fitted, FUSION.table);
      return graph.concat([each, graph.unsqueeze(score, [1])], 1);
    },
    test,
    { chunk: 512 },
  );
  const width = members.length + 1;
  const column = (j: number) => Float32Array.from({ length: test.n }, (_, i) => found[i * width + j]);
  return { each: members.map((_, j) => column(j)), score: column(members.length) };
}

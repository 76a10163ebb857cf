import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auroc } from '../bundle/metrics.ts';
import { mean } from '../training/evaluate/metrics.ts';
import type { Matrix } from '../training/runtime/rows.ts';
import { openDigit } from './one-class.ts';
import { pythonWith, runScript } from './peers/program.ts';
import { readTables, SEEDS, splitByClass } from './tables.ts';

/** Rows to fit a peer to and rows to score; `outliers` is 1 for the anomalies among the latter. */
interface Case {
  readonly name: string;
  readonly seed: number;
  readonly train: Matrix;
  readonly test: Matrix;
  readonly outliers: Uint8Array;
}

/** Detectors in detectors.py, and the seconds that each may take for all cases. */
interface Contest {
  readonly name: string;
  readonly peers: readonly string[];
  readonly limitS: number;
}

const TABLES: Omit<Contest, 'name'> = {
  peers: [
    'isolation_forest',
    'knn_5',
    'knn_5_percent',
    'lof',
    'one_class_svm',
    'gaussian_mixture',
    'pca_90_percent',
  ],
  limitS: 240,
};
const ONE_CLASS: Contest = { name: 'one_class_mnist', peers: ['pca_32', 'knn_5'], limitS: 60 };

/**
 * Mean AUROC of scikit-learn's detectors, measured here rather than quoted, on the same rows that ours are fitted to
 * and tested on: `peer_adbench_NAME_auroc` on the tables in `folder`, and `peer_one_class_mnist_NAME_auroc` on raw
 * pixels. A peer that is not installed, fails or takes too long has no figure, and `log` says why.
 */
export async function measureDetectorPeers(
  folder: string,
  log: (line: string) => void,
): Promise<Record<string, number>> {
  const python = await findPython(log);
  if (!python) return {};
  return {
    ...(existsSync(folder)
      ? await runContest(python, { name: 'adbench', ...TABLES }, await tableCases(folder), log)
      : {}),
    ...(await runContest(python, ONE_CLASS, await digitCases(), log)),
  };
}

/** The same for the tables in a folder only: `peer_NAME_NAME_auroc`, the first name being `name`. */
export async function measureTablePeers(
  name: string,
  folder: string,
  log: (line: string) => void,
): Promise<Record<string, number>> {
  const python = await findPython(log);
  return python ? runContest(python, { name, ...TABLES }, await tableCases(folder), log) : {};
}

async function findPython(log: (line: string) => void): Promise<string | undefined> {
  const python = await pythonWith('sklearn');
  if (!python) {
    log(
      'scikit-learn: not measured: it is not installed: apt-get install python3-sklearn libopenblas0-pthread',
    );
  }
  return python;
}

async function tableCases(folder: string): Promise<Case[]> {
  return [...(await readTables(folder))].flatMap(([name, set]) =>
    SEEDS.map((seed) => {
      const { train, test } = splitByClass(set, seed);
      return { name, seed, train, test, outliers: test.labels };
    }),
  );
}

/** For each digit, its training images and all 10,000 test images; pixels from 0 to 1. */
async function digitCases(): Promise<Case[]> {
  const cases: Case[] = [];
  let test: Matrix | undefined;
  for (let digit = 0; digit < 10; digit++) {
    const source = await openDigit(digit, {});
    const { count: n, features: d } = source.train;
    const values = new Float32Array(n * d);
    await source.train.read(0, n, values);
    test ??= { values: Float32Array.from(source.test.data, (value) => value / 255), n: source.test.count, d };
    cases.push({
      name: String(digit),
      seed: 1,
      train: { values: values.map((value) => value / 255), n, d },
      test,
      outliers: Uint8Array.from(source.labels!, (label) => Number(label !== digit)),
    });
  }
  return cases;
}

/** Runs the peers one after the other, each in its own process. */
async function runContest(
  python: string,
  { name, peers, limitS }: Contest,
  cases: readonly Case[],
  log: (line: string) => void,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-peers-'));
  try {
    await writeCases(folder, cases);
    for (const peer of peers) {
      const title = `scikit-learn, ${name}, ${peer}`;
      try {
        const answer = await runScript<{ version: string; seconds: number }>(
          python,
          ['detectors.py', folder, peer],
          limitS,
        );
        const areas = await Promise.all(cases.map((one) => aurocOf(folder, one)));
        figures[`peer_${name}_${peer}_auroc`] = mean(areas);
        log(`${title}: ${summarise(cases, areas)} (${answer.version}, ${answer.seconds.toFixed(1)} s)`);
      } catch (error) {
        log(`${title}: not measured: ${(error as Error).message}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return figures;
}

const fileOf = ({ name, seed }: Case, what: string) => `${name}-${seed}-${what}.f32`;

/** Writes each matrix once, even if cases share it, and the list that detectors.py reads. */
async function writeCases(folder: string, cases: readonly Case[]): Promise<void> {
  const written = new Map<Matrix, string>();
  const write = async (rows: Matrix, name: string) => {
    const known = written.get(rows);
    if (known) return known;
    written.set(rows, name);
    await writeFile(join(folder, name), rows.values);
    return name;
  };
  const list: Record<string, string | number>[] = [];
  for (const one of cases) {
    const train = await write(one.train, fileOf(one, 'train'));
    const test = await write(one.test, fileOf(one, 'test'));
    list.push({ train, test, scores: fileOf(one, 'scores'), features: one.train.d, seed: one.seed });
  }
  await writeFile(join(folder, 'cases.json'), JSON.stringify(list));
}

/** Reads the scores that a peer wrote, and removes them, since the next peer writes to the same file. */
async function aurocOf(folder: string, one: Case): Promise<number> {
  const file = join(folder, fileOf(one, 'scores'));
  const bytes = await readFile(file);
  await rm(file);
  const scores = new Float32Array(new Uint8Array(bytes).buffer);
  if (scores.length !== one.test.n || !scores.every(Number.isFinite)) {
    throw new Error(`${one.name}: not one finite score for each of ${one.test.n} rows`);
  }
  const of = (outlier: number) => scores.filter((_, i) => one.outliers[i] === outlier);
  return auroc(of(0), of(1));
}

/** The mean over all cases, and for each table or digit the mean over its seeds. */
function summarise(cases: readonly Case[], areas: readonly number[]): string {
  const each = Map.groupBy(areas.keys(), (i) => cases[i].name);
  const parts = [...each].map(([name, own]) => `${name} ${mean(own.map((i) => areas[i])).toFixed(4)}`);
  return `mean ${mean(areas).toFixed(4)}  ${parts.join('  ')}`;
}

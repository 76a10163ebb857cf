import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { auroc } from '../bundle/metrics.ts';
import { parseIdx } from '../training/data/readers/idx.ts';
import { reportDetection } from '../training/evaluate/detection.ts';
import { bench as bulk } from './bulk.ts';
import { assertReported, openTrained } from './bundle.ts';
import { measureRegret } from './choose.ts';
import { measureDetectorPeers } from './detector-peers.ts';
import { measureCorrupted, measurePatches } from './explanations.ts';
import type { Bench, Log } from './harness.ts';
import { measureOneClass } from './one-class.ts';
import { DATA, measureTables, type TableFigures } from './tables.ts';

/** Rows of a small table. */
const SMALL = 130;

/** How well scores separate normal samples from anomalies, on images and tables, and how fast. */
export const bench: Bench = {
  title: 'detection: AUROC on images and tables, explanations, bulk scoring',
  targets: {
    one_class_mnist_auroc: { atLeast: 0.982 },
    one_class_mnist_plain_auroc: { atLeast: 0.965 },
    adbench_auroc: { atLeast: 0.9 },
    adbench27_auroc: { atLeast: 0.795 },
    adbench27_regret: { atMost: 0.035 },
    path_gap: { atMost: 0.005 },
    fashion_auroc: { atLeast: 0.998 },
    noise_auroc: { atLeast: 0.999 },
    inverted_auroc: { atLeast: 0.999 },
    rotated_auroc: { atLeast: 0.96 },
    patch_auroc: { atLeast: 0.95 },
    corrupted_first: { atLeast: 0.95 },
    ...bulk.targets,
  },
  async run(log) {
    return {
      ...(await measureShippedDetection(log)),
      corrupted_first: await measureCorrupted(),
      ...(await measureAdbench(log)),
      ...(await bulk.run(log)),
      one_class_mnist_auroc: await measureDigits('strokes', { preset: 'strokes' }, log),
      one_class_mnist_plain_auroc: await measureDigits('smoothed', { preset: 'strokes', pose: 'as_is' }, log),
      ...(await measureDetectorPeers(join(DATA, 'adbench'), log)),
    };
  },
  quick: {
    targets: { corrupted_first: { atLeast: 0.9 }, one_class_digit_auroc: { atLeast: 0.94 } },
    async run(log) {
      return {
        corrupted_first: await measureCorrupted(),
        one_class_digit_auroc: await measureDigits('strokes', { preset: 'strokes', epochs: 5 }, log, [4]),
        ...(await bulk.quick!.run(log)),
      };
    },
  },
};

/** How well the bundle in models/mnist tells digits from other images, compared with its report. */
export async function measureShippedDetection(log: Log): Promise<Record<string, number>> {
  const { bundle, scorer, source } = await openTrained();
  const tested = await scorer.run(source.test.data, source.test.count, ['score', 'detectors']);
  const { score: calibration } = await scorer.run(source.calibration.data, source.calibration.count, [
    'score',
  ]);
  const names = bundle.manifest.scorer.detectors.map(({ name }) => name);
  const report = await reportDetection(scorer, source, tested, calibration, names);
  const figures = Object.fromEntries(report.outliers.map(({ name, auroc: area }) => [`${name}_auroc`, area]));
  await assertReported(bundle, figures);
  for (const { name, detectors } of report.outliers) {
    log(`${name}: ${detectors.map((d) => `${d.name} ${d.auroc.toFixed(4)}`).join('  ')}`);
  }
  const fashion = join(DATA, 'fashion-mnist/t10k-images-idx3-ubyte.gz');
  if (existsSync(fashion)) {
    const images = parseIdx(gunzipSync(await readFile(fashion)), fashion);
    const { score } = await scorer.run(images.data, images.data.length / source.features, ['score']);
    figures.fashion_auroc = auroc(tested.score, score);
  } else {
    log(`fashion_auroc: not measured: ${fashion} is missing`);
  }
  const flagged = report.calibration.map((c) => [`flagged_at_${c.significance}`, c.flagged] as const);
  return { ...figures, ...(await measurePatches(scorer, source)), ...Object.fromEntries(flagged) };
}

/** The mean AUROC over the tables of ADBench, if they are there. */
async function measureAdbench(log: Log): Promise<Record<string, number>> {
  const folder = join(DATA, 'adbench');
  if (!existsSync(folder)) {
    log(`adbench_auroc: not measured: ${folder} is missing`);
    return {};
  }
  const first = await measureTables(folder, log);
  const more = join(DATA, 'adbench-more');
  if (!existsSync(more)) {
    log(`path_gap: not measured: ${more} is missing`);
    return { adbench_auroc: first.matrix, adbench_csv_auroc: first.path };
  }
  const second = await measureTables(more, log);
  const regret = await measureRegret([folder, more]);
  const small = [await measureTables(folder, log, SMALL), await measureTables(more, log, SMALL)];
  const tables = first.tables + second.tables;
  const mean = (key: 'path' | 'matrix', [a, b]: readonly TableFigures[] = [first, second]) =>
    (a[key] * a.tables + b[key] * b.tables) / tables;
  return {
    adbench_auroc: first.matrix,
    adbench_csv_auroc: first.path,
    adbench27_auroc: mean('path'),
    adbench27_regret: regret.mean,
    adbench27_worst_regret: regret.worst,
    path_gap: Math.max(0, mean('matrix') - mean('path')),
    small_tables_auroc: mean('matrix', small),
    small_tables_csv_auroc: mean('path', small),
  };
}

async function measureDigits(
  title: string,
  configuration: Parameters<typeof measureOneClass>[0],
  log: Log,
  digits?: readonly number[],
): Promise<number> {
  const found = await measureOneClass(configuration, (line) => log(`${title}, ${line}`), digits);
  return found.fused.reduce((sum, figure) => sum + figure, 0) / found.fused.length;
}

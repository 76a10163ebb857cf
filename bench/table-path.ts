import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableColumns } from '../bundle/kind.ts';
import { auroc } from '../bundle/metrics.ts';
import { verifyFolder } from '../bundle/node/folder.ts';
import type { Configuration } from '../training/config/schema.ts';
import { openTableRows } from '../training/data/input/table-rows.ts';
import { openSource } from '../training/data/source.ts';
import { runPipeline } from '../training/pipeline/run.ts';
import type { Matrix } from '../training/runtime/rows.ts';
import { Scorer } from '../training/scorer/scorer.ts';

/** Rows of a table with a last column `label`, 1 for anomalies. */
export interface Labelled extends Matrix {
  readonly labels: Uint8Array;
}

/** A small map, and an autoencoder after one epoch: the scores of the default detectors depend on neither. */
const SHORT: Configuration = { epochs: 1, map_points: 100, iterations: 250, perplexity: 3 };

/**
 * AUROC of rows of a table by a model of others, each from a CSV file, as `train` and `score` read and score them: columns
 * are inferred, scaled and encoded, and rows are held out.
 */
export async function measureTablePath(
  set: Labelled,
  train: readonly number[],
  test: readonly number[],
  configuration: Configuration,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-path-'));
  try {
    const [trainFile, testFile] = [join(folder, 'train.csv'), join(folder, 'test.csv')];
    await writeFile(trainFile, toCsv(set, train));
    await writeFile(testFile, toCsv(set, test));
    const options = { ...SHORT, ...configuration };
    const out = join(folder, 'model');
    await runPipeline(() => openSource(trainFile, options), options, { out });
    const bundle = await verifyFolder(out);
    await using scorer = await Scorer.load(await readFile(join(out, 'scorer.onnx')));
    await using rows = await openTableRows(testFile, bundle.manifest.data);
    const width = tableColumns(bundle.manifest.data).length;
    const scores: number[] = [];
    await rows.read(async (values, count) => {
      const { score } = await scorer.run(values.subarray(0, count * width), count, ['score']);
      scores.push(...score);
    }, 4096);
    const of = (label: number) => Float32Array.from(scores.filter((_, i) => set.labels[test[i]] === label));
    return auroc(of(0), of(1));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const columnName = (j: number): string => `x${j + 1}`;

const toCsv = ({ values, d }: Labelled, rows: readonly number[]): string => {
  const names = Array.from({ length: d }, (_, j) => columnName(j));
  // As the file had them, which float32 holds to seven digits.
  const lines = rows.map((i) =>
    Array.from(values.subarray(i * d, (i + 1) * d), (value) => Number(value.toPrecision(7))).join(),
  );
  return `${[names.join(), ...lines].join('\n')}\n`;
};

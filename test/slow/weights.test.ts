import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseManifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import { SCORER_OUTPUTS } from '../../bundle/scorer.ts';
import { Engine } from '../../engine/engine.ts';
import { shrinkWeights } from '../../training/commands/weights.ts';
import { Progress } from '../../training/console/progress.ts';
import { loadMnist } from '../../training/data/readers/mnist.ts';
import { Scorer } from '../../training/scorer/scorer.ts';
import { quantise } from '../../training/weights/quantise.ts';
import { readOwnSamples } from '../../training/weights/samples.ts';
import { KERNELS } from '../engine/support.ts';
import { deviation } from '../support/parity.ts';
import { TEST_BUNDLE } from '../support/paths.ts';
import { TABLE_BUNDLE, TABLE_EXPECTED, type TableExpected } from '../support/table-bundle.ts';

/** Shrinks the weights of a bundle, and returns what is deployed, and what it has printed. */
async function shrink(folder: string, weights: 'f16' | 'int8', trainedOn?: string) {
  const lines: string[] = [];
  vi.spyOn(Progress.prototype, 'line').mockImplementation((line) => void lines.push(line));
  const deployed = await shrinkWeights(await openFolder(folder), { weights, trainedOn }, new Progress());
  return { ...deployed, lines };
}

afterEach(() => void vi.restoreAllMocks());

/** Writes the table that the small bundle was trained on. */
async function writeTable(change: (csv: string) => string = (csv) => csv): Promise<string> {
  const { csv } = JSON.parse(await readFile(TABLE_EXPECTED, 'utf8')) as TableExpected;
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'orders.csv');
  await writeFile(path, change(csv));
  return path;
}

describe('a model of MNIST, whose samples come with the program', () => {
  test('gets weights of half the size, p-values of its own, and a manifest that says so', async () => {
    const { manifest: before } = await openFolder(TEST_BUNDLE);
    const { manifest, scorer, lines } = await shrink(TEST_BUNDLE, 'f16');
    expect(await parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
    expect(manifest.model_id).not.toBe(before.model_id);
    expect(manifest.scorer).toMatchObject({ weights: 'f16', calibration_count: 500 });
    expect(manifest.files.find(({ name }) => name === 'scorer.onnx')?.bytes).toBe(scorer.length);
    const was = before.files.find(({ name }) => name === 'scorer.onnx')!.bytes;
    expect(scorer.length).toBeLessThan(0.55 * was);
    expect(lines.slice(3)).toEqual([
      expect.stringMatching(
        /^ {2}scorer\.onnx and codes\.bin: [\d.]+ MB \([\d.]+ MB compressed\) before, [\d.]+ MB \([\d.]+ MB compressed\) now$/,
      ),
      expect.stringMatching(/^ {2}largest error of a score: [\d.e-]+ nats, or [\d.]+% of those above 1$/),
      '  verdicts that change at p ≤ 0.01: 0 of 500',
      expect.stringMatching(/^ {2}largest change of an AUROC: 0\.000\d+ \(.+\)$/),
    ]);
    // What its own calibration samples get are the ranks of their scores among themselves.
    const { calibration } = await readOwnSamples('mnist', manifest);
    await using own = await Scorer.load(scorer);
    const { score, p_value } = await own.run(calibration.data, calibration.count, ['score', 'p_value']);
    for (let i = 0; i < calibration.count; i += 7) {
      const rank = score.filter((other) => other >= score[i] - 1e-5 * score[i] - 1e-6).length;
      expect(exactPValue(p_value[i], 500)).toBe((1 + rank) / 501);
    }
    for (const { significance, score: threshold } of manifest.scorer.thresholds) {
      const flagged = score.filter((value) => value > threshold).length;
      expect(flagged).toBe(Math.floor(significance * 501) - 1);
    }
  });

  test('our engine scores as onnxruntime-node does with weights in 8 bits, in batches and one by one', async () => {
    const bundle = await openFolder(TEST_BUNDLE);
    const { train } = await readOwnSamples('mnist', bundle.manifest);
    const smaller = await quantise(await bundle.file('scorer.onnx'), 'int8', train);
    const n = 200;
    const digits = Float32Array.from((await loadMnist('test')).data.subarray(0, n * 784));
    await using scorer = await Scorer.load(smaller);
    const expected = await scorer.run(digits, n);
    const engine = new Engine(smaller, KERNELS['inference-relaxed']);
    const found = engine.run(digits, n, SCORER_OUTPUTS);
    for (const name of SCORER_OUTPUTS) {
      expect(deviation(found[name], expected[name], n), name).toBeLessThan(1e-4);
    }
    const single = engine.run(digits.subarray(0, 784), 1, ['score']);
    expect(single.score[0]).toBeCloseTo(expected.score[0], 4);
  });
});

describe('a model of other data', () => {
  test('is checked on the rows that it was calibrated on, found in its file', async () => {
    const { manifest, lines } = await shrink(TABLE_BUNDLE, 'f16', await writeTable());
    expect(manifest.scorer.weights).toBe('f16');
    expect(lines[1]).toContain(`scoring ${manifest.data.splits.calibration} calibration samples`);
    expect(lines.join('\n')).toContain('verdicts that change at p ≤');
  });

  test('needs the file, and no other', async () => {
    await expect(shrink(TABLE_BUNDLE, 'int8')).rejects.toThrow(
      '--weights int8 is checked on the data that the model was trained on: name the file or folder of orders with --trained-on',
    );
    const other = await writeTable((csv) => csv.replaceAll(',Oslo,', ',Rome,'));
    await expect(shrink(TABLE_BUNDLE, 'f16', other)).rejects.toThrow(
      `${other} is not the data that the model was trained on, or has changed: its calibration samples have other scores`,
    );
    const shorter = await writeTable((csv) => csv.split('\n').slice(0, 900).join('\n'));
    await expect(shrink(TABLE_BUNDLE, 'f16', shorter)).rejects.toThrow(
      `${shorter} has 899 rows: the model was trained on at least 1,500 rows`,
    );
    await expect(shrink(TABLE_BUNDLE, 'f16', '/nowhere/orders.csv')).rejects.toThrow(
      '/nowhere/orders.csv cannot be read',
    );
  });
});

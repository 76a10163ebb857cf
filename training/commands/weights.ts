import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { UserError } from '../../bundle/error.ts';
import type { Bundle } from '../../bundle/files.ts';
import { modelId, sha256Hex } from '../../bundle/integrity.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { WeightsName } from '../../bundle/scorer.ts';
import { plural } from '../console/plural.ts';
import type { Progress } from '../console/progress.ts';
import { DataError } from '../data/datasets/error.ts';
import { MNIST } from '../data/readers/formats.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { findThresholds } from '../evaluate/detection.ts';
import { readCalibration, replaceCalibration } from '../weights/calibration.ts';
import { assertAlike, compare, type Difference, findIn } from '../weights/check.ts';
import { quantise } from '../weights/quantise.ts';
import { readOwnSamples } from '../weights/samples.ts';

/** How weights are stored, and what they are checked on. */
export interface WeightsOptions {
  readonly weights: WeightsName;
  /** The data that the model was trained on; MNIST comes with the program. */
  readonly trainedOn?: string;
}

/** What is deployed of a bundle. */
export interface Deployed {
  readonly manifest: Manifest;
  readonly scorer: Uint8Array;
}

/**
 * Makes the weights of a bundle's scorer smaller, calibrates it anew and says what it costs. Throws a
 * WeightsError if that changes a verdict on the calibration samples or an AUROC of the report, and a {@link DataError} if
 * the data that the model was trained on is not there.
 */
export async function shrinkWeights(
  bundle: Bundle,
  { weights, trainedOn }: WeightsOptions & { weights: Exclude<WeightsName, 'f32'> },
  progress: Progress,
): Promise<Deployed> {
  if (!('Float16Array' in globalThis)) {
    throw new UserError(`smaller weights need Node 24 or later, and this is ${process.version}`);
  }
  const { manifest } = bundle;
  const data = trainedOn ?? (isMnist(manifest.data) ? MNIST : undefined);
  if (data === undefined) {
    throw new DataError(
      `--weights ${weights} is checked on the data that the model was trained on: name the file or folder of ${manifest.data.name} with --trained-on`,
    );
  }
  const original = await bundle.file('scorer.onnx');
  progress.line(`weights ${weights}: reading ${data}`);
  const samples = await readOwnSamples(data, manifest);
  progress.line(`weights ${weights}: scoring ${describeSamples(samples)} with the weights as they are`);
  const before = await findIn(original, samples, manifest);
  assertSameScores(data, readCalibration(original), before.calibration);
  progress.line(`weights ${weights}: making them smaller, and scoring the same again`);
  const smaller = await quantise(original, weights, samples.train);
  const after = await findIn(smaller, samples, manifest);
  const difference = compare(before, after);
  const scorer = replaceCalibration(smaller, after.calibration);
  const codes = await bundle.file('codes.bin');
  const [was, is] = await Promise.all([original, scorer].map((model) => measureSize([model, codes])));
  progress.line(`  scorer.onnx and codes.bin: ${was} before, ${is} now`);
  for (const line of describeDifference(difference, after.calibration.length)) progress.line(`  ${line}`);
  assertAlike(weights, difference);
  return { scorer, manifest: await describeDeployed(manifest, scorer, weights, after.calibration) };
}

const describeSamples = ({ calibration, test }: Record<'calibration' | 'test', { count: number }>): string =>
  `${plural(calibration.count, 'calibration sample')}, ${plural(test.count, 'test sample')} and outliers`;

/** Scores that rounding may change by this much, relatively, are the same. */
const SAME = 1e-3;

/** Throws a {@link DataError} unless the samples are those that the model was calibrated on, which their scores tell. */
function assertSameScores(data: string, stored: Float32Array, found: Float32Array): void {
  const sorted = found.toSorted();
  const same = stored.every((score, i) => Math.abs(sorted[i] - score) <= SAME * Math.max(1, score));
  if (same && stored.length === sorted.length) return;
  throw new DataError(
    `${data} is not the data that the model was trained on, or has changed: its calibration samples have other scores`,
  );
}

async function measureSize(files: readonly Uint8Array[]): Promise<string> {
  const zipped = await Promise.all(files.map((file) => promisify(gzip)(file)));
  const total = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0);
  return `${(total(files) / 1e6).toFixed(2)} MB (${(total(zipped) / 1e6).toFixed(2)} MB compressed)`;
}

function describeDifference({ significance, verdicts, score, auroc }: Difference, count: number): string[] {
  return [
    `largest error of a score: ${score.largest.toPrecision(2)} nats, or ${(100 * score.relative).toPrecision(2)}% of those above 1`,
    `verdicts that change at p ≤ ${significance}: ${verdicts} of ${count.toLocaleString('en')}`,
    `largest change of an AUROC: ${auroc.change.toFixed(5)} (${auroc.name})`,
  ];
}

/** The manifest of what is deployed: another model, with an id and thresholds of its own. */
async function describeDeployed(
  manifest: Manifest,
  scorer: Uint8Array,
  weights: Exclude<WeightsName, 'f32'>,
  calibration: Float32Array,
): Promise<Manifest> {
  const sha256 = await sha256Hex(scorer);
  const changed = {
    ...manifest,
    scorer: { ...manifest.scorer, thresholds: findThresholds(calibration), weights },
    files: manifest.files.map((file) =>
      file.name === 'scorer.onnx' ? { ...file, bytes: scorer.length, sha256 } : file,
    ),
  };
  return { ...changed, model_id: await modelId(changed) };
}

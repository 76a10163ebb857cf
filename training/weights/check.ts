import { UserError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { defaultSignificance, findThreshold } from '../../bundle/p-value.ts';
import type { WeightsName } from '../../bundle/scorer.ts';
import { plural } from '../console/plural.ts';
import { reportDetection } from '../evaluate/detection.ts';
import { keepOutputs } from '../onnx/outputs.ts';
import { Scorer } from '../scorer/scorer.ts';
import type { OwnSamples } from './samples.ts';

/** Smaller weights change what the model finds. The message says what. */
export class WeightsError extends UserError {
  override readonly name = 'WeightsError';
}

/** What a model finds in the samples that it was calibrated and tested on. */
export interface Found {
  /** The scores of the calibration samples, in their order. */
  readonly calibration: Float32Array;
  /** Every AUROC of the report, by what it is of. */
  readonly aurocs: ReadonlyMap<string, number>;
}

/** How what two models find differs. */
export interface Difference {
  /** The level at which verdicts are compared. */
  readonly significance: number;
  /** Calibration samples with another verdict. */
  readonly verdicts: number;
  /** The largest difference of a calibration sample's score, in nats, and relative to those of at least one nat. */
  readonly score: { readonly largest: number; readonly relative: number };
  /** The largest change of an AUROC, and of which. */
  readonly auroc: { readonly name: string; readonly change: number };
}

/** The largest change of an AUROC that is accepted. */
const MOST_AUROC = 0.001;

/** Scores the samples, and outliers made of them as for the report. */
export async function findIn(
  model: Uint8Array,
  { calibration, test, anomalous }: OwnSamples,
  { data, scorer: { detectors } }: Manifest,
): Promise<Found> {
  const outputs = ['score', 'detectors'] as const;
  await using scorer = await Scorer.loadKept(keepOutputs(model, outputs), outputs);
  const { score } = await scorer.run(calibration.data, calibration.count, ['score']);
  const tested = await scorer.run(test.data, test.count);
  const names = detectors.map(({ name }) => name);
  const { outliers, labelled } = await reportDetection(
    scorer,
    { test, anomalous, ...data },
    tested,
    score,
    names,
  );
  const sets = [...outliers, ...(labelled ? [{ ...labelled, name: 'labelled' }] : [])];
  const aurocs = sets.flatMap(({ name, auroc, detectors }) => [
    [name, auroc] as const,
    ...detectors.map((one) => [`${name}, ${one.name}`, one.auroc] as const),
  ]);
  return { calibration: score, aurocs: new Map(aurocs) };
}

/** Compares two models, each with its own calibration. */
export function compare(before: Found, after: Found): Difference {
  const significance = defaultSignificance(before.calibration.length);
  const [was, is] = [before, after].map(({ calibration }) => {
    const threshold = findThreshold(calibration.toSorted(), significance)!;
    return calibration.map((score) => Number(score > threshold));
  });
  const score = { largest: 0, relative: 0 };
  for (const [i, value] of before.calibration.entries()) {
    const difference = Math.abs(after.calibration[i] - value);
    score.largest = Math.max(score.largest, difference);
    if (value >= 1) score.relative = Math.max(score.relative, difference / value);
  }
  const changes = [...before.aurocs].map(([name, auroc]) => ({
    name,
    change: Math.abs(after.aurocs.get(name)! - auroc),
  }));
  return {
    significance,
    verdicts: was.reduce((sum, verdict, i) => sum + Number(verdict !== is[i]), 0),
    score,
    auroc: changes.reduce((most, one) => (one.change > most.change ? one : most)),
  };
}

/** Throws a {@link WeightsError} if a verdict differs, or an AUROC by more than is accepted. */
export function assertAlike(weights: WeightsName, { significance, verdicts, auroc }: Difference): void {
  const reasons = [
    ...(verdicts > 0
      ? [`${plural(verdicts, 'calibration sample')} would get another verdict at p ≤ ${significance}`]
      : []),
    ...(auroc.change > MOST_AUROC
      ? [`the AUROC of ${auroc.name} would change by ${auroc.change.toFixed(4)}, more than ${MOST_AUROC}`]
      : []),
  ];
  if (reasons.length === 0) return;
  const other = weights === 'int8' ? '--weights f16 or f32' : '--weights f32';
  throw new WeightsError(
    `--weights ${weights} changes this model too much: ${reasons.join(', and ')}; use ${other}`,
  );
}

import { auroc, averagePrecision, rocCurve } from '../../bundle/metrics.ts';
import { defaultSignificance, exactPValue, findThreshold, LEVELS } from '../../bundle/p-value.ts';
import type { Report } from '../../bundle/report.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { roughPercent } from '../console/percent.ts';
import { makeOutlierSets } from '../data/outliers.ts';
import type { Source } from '../data/source.ts';
import { collectAll } from '../runtime/collector.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { histogram, logEdges } from './metrics.ts';

const BINS = 60;
/** Finding a smaller share of the anomalies than this is worth a warning. */
const FEW_FOUND = 0.7;
/** Seed of the outliers: fixed, so that all bundles are measured against the same ones. */
const OUTLIER_SEED = 20161;

/** Scores of n samples: the fused score, [n], and the surprises of k detectors, n × k. */
type Scored = Pick<ScorerOutput, 'score' | 'detectors'>;

type DetectionData = Pick<Source, 'test' | 'shape' | 'range' | 'scaling' | 'classes' | 'anomalous'> &
  Partial<Pick<Source, 'labels'>>;

/**
 * Compares the scores of the test split with those of outliers, with those of the calibration split, and with the labels
 * if there are any. `names` are the names of the detectors.
 */
export async function reportDetection(
  scorer: Pick<Scorer<'score' | 'detectors'>, 'run'>,
  data: DetectionData,
  tested: Scored,
  calibration: Float32Array,
  names: readonly string[],
): Promise<Report['detection']> {
  const { test, shape, range, scaling } = data;
  const sets = [];
  const outliers = makeOutlierSets({ ...test, shape, range, scaling }, OUTLIER_SEED);
  // Frees each set once it is scored.
  for (let set = outliers.shift(); set; set = outliers.shift()) {
    const { data, ...known } = set;
    sets.push({ ...known, ...(await scorer.run(data, set.count, ['score', 'detectors'])) });
    collectAll();
  }
  const edges = logEdges([tested.score, ...sets.map(({ score }) => score)], BINS);
  const own = (of: Scored, j: number) => selectColumn(of.detectors, names.length, j);
  return {
    edges,
    test_histogram: histogram(tested.score, edges),
    outliers: sets.map(({ name, description, count, ...scored }) => ({
      name,
      description,
      count,
      auroc: auroc(tested.score, scored.score),
      detectors: names.map((detector, j) => ({
        name: detector,
        auroc: auroc(own(tested, j), own(scored, j)),
      })),
      roc: rocCurve(tested.score, scored.score),
      histogram: histogram(scored.score, edges),
    })),
    calibration: findThresholds(calibration).map(({ significance, score }) => ({
      significance,
      threshold: score,
      flagged: tested.score.filter((value) => value > score).length / tested.score.length,
    })),
    labelled: data.anomalous ? reportLabelled(tested, data.anomalous, data, names) : null,
  };
}

/** Null if all samples have the same label. */
function reportLabelled(
  { score, detectors }: Scored,
  labels: Uint8Array,
  { labels: classOf, classes }: Pick<DetectionData, 'labels' | 'classes'>,
  names: readonly string[],
): Report['detection']['labelled'] {
  const anomalous = labels.reduce((sum, label) => sum + label, 0);
  if (anomalous === 0 || anomalous === labels.length) return null;
  const of = (scores: Float32Array, label: number) => scores.filter((_, i) => labels[i] === label);
  const area = (scores: Float32Array) => auroc(of(scores, 0), of(scores, 1));
  return {
    class: classOf && classes[classOf[labels.indexOf(1)]],
    count: labels.length,
    anomalous,
    auroc: area(score),
    average_precision: averagePrecision(of(score, 0), of(score, 1)),
    detectors: names.map((name, j) => ({ name, auroc: area(selectColumn(detectors, names.length, j)) })),
  };
}

/**
 * What to know if the label shows so many anomalies that p-values are too large to find most of them: those of the
 * calibration split, which has about as many, score high, too. Undefined if the default level finds most.
 */
export function warnOfMissed(
  pValues: Float32Array,
  anomalous: Uint8Array | undefined,
  calibrationCount: number,
): string | undefined {
  const level = defaultSignificance(calibrationCount);
  const found = pValues.filter((_, i) => anomalous?.[i] === 1);
  const share = found.length / pValues.length;
  const recall = found.filter((p) => exactPValue(p, calibrationCount) <= level).length / found.length;
  // NaN without anomalies.
  if (share < level || !(recall < FEW_FOUND)) return undefined;
  return (
    `${roughPercent(share)} of the test samples are anomalous by the label, and about as many of the calibration samples, which makes p-values larger: ` +
    `only ${roughPercent(recall)} of the anomalies are flagged at p ≤ ${level}. Train on data with fewer of them, or find a better level with evaluate FILE --f1`
  );
}

/** Column j of n × k values. */
const selectColumn = (values: Float32Array, k: number, j: number) =>
  Float32Array.from({ length: values.length / k }, (_, i) => values[i * k + j]);

/** The threshold for each level that the calibration split is large enough for. */
export function findThresholds(calibration: Float32Array): { significance: number; score: number }[] {
  const sorted = calibration.toSorted();
  return LEVELS.flatMap((significance) => {
    const score = findThreshold(sorted, significance);
    return score === undefined ? [] : [{ significance, score }];
  });
}

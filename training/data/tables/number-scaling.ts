import type { ColumnOf } from '../../../bundle/column-schema.ts';
import { quantile } from '../datasets/statistics.ts';

/** How numbers are scaled: one way for all columns, or the best fit for each. */
export type NumberScaling = 'auto' | 'standard' | 'robust' | 'quantile';

/** The normal scores of the quantile scaling's knots, evenly spaced from −3 to 3. */
const KNOTS = Array.from({ length: 33 }, (_, k) => -3 + (6 * k) / 32);

/** The interquartile range of a normal distribution, in standard deviations. */
const NORMAL_IQR = 1.349;

/** The bulk is compressed if the robust deviation is less than this share of the deviation, which far values stretch. */
const COMPRESSED = 0.1;

/** The bulk is lost if it is less than this share. */
const LOST = 0.01;

/** Tails are heavy if more than FAR_SHARE of the values are beyond FAR robust deviations from the median. */
const FAR_SHARE = 0.01;
const FAR = 5;

type Scaled = Pick<ColumnOf<'number'>, 'scaling' | 'center' | 'scale' | 'knots' | 'scores'>;

/**
 * Chooses how a column of numbers is scaled: by mean and deviation, unless a few far values compress the bulk into less
 * than a tenth of the deviation, or many far values into less than a hundredth; then by median and interquartile range.
 * Heavy tails are a property of the data, and often made of anomalies: normal scores would hide them. If half of the
 * values are equal, the interquartile range is 0, and with two different values there are no quantiles: both fall back
 * to mean and deviation.
 */
export function chooseNumberScaling(
  sorted: Float64Array,
  wanted: NumberScaling,
  moments: { center: number; scale: number },
): Scaled {
  const median = quantile(sorted, 0.5);
  const spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / NORMAL_IQR;
  const far = sorted.reduce((sum, x) => sum + Number(Math.abs(x - median) > FAR * spread), 0) / sorted.length;
  const least = (far > FAR_SHARE ? LOST : COMPRESSED) * moments.scale;
  const suited = spread > 0 && spread < least ? 'robust' : 'standard';
  const scaling = wanted === 'auto' ? suited : wanted;
  const none = { knots: [], scores: [] };
  if (scaling === 'quantile') {
    const curve = findKnots(sorted);
    if (curve.knots.length > 2) return { scaling, ...moments, ...curve };
  }
  if (scaling === 'robust' && Math.fround(spread) > 0) {
    return { scaling, center: Math.fround(median), scale: Math.fround(spread), ...none };
  }
  return { scaling: 'standard', ...moments, ...none };
}

/** Finds the quantiles at 33 normal scores from −3 to 3; equal quantiles become one knot at the mean of their scores. */
function findKnots(sorted: Float64Array): { knots: number[]; scores: number[] } {
  const knots: number[] = [];
  const scores: number[] = [];
  let same = 0;
  for (const score of KNOTS) {
    const x = Math.fround(quantile(sorted, normalShare(score)));
    if (x === knots.at(-1)) {
      same++;
      scores[scores.length - 1] += (score - scores[scores.length - 1]) / same;
    } else {
      same = 1;
      knots.push(x);
      scores.push(score);
    }
  }
  return { knots, scores };
}

/** The share of a normal distribution below a score (Abramowitz & Stegun 26.2.17, to 7.5e-8). */
function normalShare(score: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(score));
  const powers = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const tail =
    (Math.exp((-score * score) / 2) / Math.sqrt(2 * Math.PI)) *
    powers.reduceRight((sum, b) => (sum + b) * t, 0);
  return score > 0 ? 1 - tail : tail;
}

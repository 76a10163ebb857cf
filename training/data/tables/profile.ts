import type { ColumnOf, TableColumn } from '../../../bundle/columns.ts';
import { quantile } from '../datasets/statistics.ts';
import type { InferredColumn } from './infer.ts';

/** How numbers are scaled: one way for all columns, or the best fit for each. */
export type NumberScaling = 'auto' | 'standard' | 'robust' | 'quantile';

/**
 * Medians and quantiles are computed from at most SAMPLE training rows, spread evenly over all; from fewer if all columns
 * together would have more than SAMPLE_VALUES values, but from at least SAMPLE_LEAST rows.
 */
const SAMPLE = 100_000;
const SAMPLE_VALUES = 8_000_000;
const SAMPLE_LEAST = 2000;

/** Most categories that are counted while the table is read: a provisional raw value is the order of appearance. */
const MOST_SEEN = 100_000;

/** Most categories that are kept, the most frequent ones; most that are encoded one-hot. */
const MOST_CATEGORIES = 1000;
const MOST_ONE_HOT = 16;

/** The normal scores of the quantile scaling's knots, evenly spaced from −3 to 3. */
const KNOTS = Array.from({ length: 33 }, (_, k) => -3 + (6 * k) / 32);

/** The interquartile range of a normal distribution, in standard deviations. */
const NORMAL_IQR = 1.349;

/** Tails are heavy if the robust deviation is less than this share of the deviation, which they stretch. */
const SQUEEZED = 0.1;

/** Tails are very heavy if more than FAR_SHARE of the values are beyond FAR robust deviations from the median. */
const FAR_SHARE = 0.01;
const FAR = 5;

/** Rows are in the order of their dates if at least this share of them does not step back. */
const ORDERED = 0.95;

/** Gathers what the training rows say about a column, in one pass over the table. */
export class ColumnProfile {
  readonly #inferred: InferredColumn;
  #rows = 0;
  #missing = 0;
  #mean = 0;
  #squares = 0;
  readonly #sample: number[] = [];
  /** Number of training rows for each category, in the order of appearance. */
  readonly #counts: number[] = [];
  readonly #names: string[] = [];
  readonly #indices = new Map<string, number>();
  #lastDate = Number.NaN;
  /** Number of dates that are not earlier, and not later, than the one before. */
  #rises = 0;
  #falls = 0;
  #firstTime = Number.NaN;
  #times = false;
  readonly #weekdays = new Set<number>();

  constructor(inferred: InferredColumn) {
    this.#inferred = inferred;
  }

  /** Finds the provisional raw value of a category: its number in the order of appearance, −1 if there are too many. */
  indexOf(name: string): number {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    if (this.#names.length === MOST_SEEN) return -1;
    this.#indices.set(name, this.#names.length);
    this.#counts.push(0);
    return this.#names.push(name) - 1;
  }

  /** Adds the raw value of a training row; some are `sampled` for quantiles. */
  add(raw: number, sampled: boolean): void {
    this.#rows++;
    if (Number.isNaN(raw)) {
      this.#missing++;
      return;
    }
    if (this.#inferred.kind === 'category') {
      if (raw >= 0) this.#counts[raw]++;
      return;
    }
    // Welford 1962.
    const delta = raw - this.#mean;
    this.#mean += delta / (this.#rows - this.#missing);
    this.#squares += delta * (raw - this.#mean);
    if (sampled) this.#sample.push(raw);
    if (this.#inferred.kind === 'date') this.#addDate(raw);
  }

  /** Describes the column for the manifest; undefined if no training row has a value. */
  column(scaling: NumberScaling): TableColumn | undefined {
    const { kind, words, origin, column } = this.#inferred;
    const values = this.#rows - this.#missing;
    if (values === 0) return undefined;
    const named = { name: column.name, missing_share: this.#missing / this.#rows };
    const deviation = Math.sqrt(this.#squares / values);
    const moments = { center: Math.fround(this.#mean), scale: Math.fround(deviation) || 1 };
    if (kind === 'category') return { kind, ...named, ...this.#categories() };
    if (kind === 'flag') {
      const share = Math.min(1, Math.max(0, this.#mean));
      return { kind, ...named, words: [...words], share, missing: share > 0.5 ? 1 : 0 };
    }
    const sorted = Float64Array.from(this.#sample.length > 0 ? this.#sample : [this.#mean]).sort();
    const missing = Math.fround(quantile(sorted, 0.5));
    if (kind === 'date') {
      const ordered = Math.max(this.#rises, this.#falls) >= ORDERED * (values - 1);
      const varies = { time: this.#times, weekday: this.#weekdays.size > 1, clock: values > 1 && ordered };
      return { kind, ...named, origin, ...moments, ...varies, missing };
    }
    return { kind, ...named, ...chooseNumberScaling(sorted, scaling, moments), missing };
  }

  /** Maps provisional raw values of a category to final ones. */
  remapping({ categories }: ColumnOf<'category'>): Float32Array {
    const final = new Map(categories.map((name, i) => [name, i]));
    return Float32Array.from(this.#names, (name) => final.get(name) ?? -1);
  }

  #addDate(raw: number): void {
    const day = Math.floor(raw);
    if (raw >= this.#lastDate) this.#rises++;
    if (raw <= this.#lastDate) this.#falls++;
    this.#lastDate = raw;
    if (this.#weekdays.size < 7) this.#weekdays.add((((day + this.#inferred.origin) % 7) + 7) % 7);
    if (Number.isNaN(this.#firstTime)) this.#firstTime = raw - day;
    else if (raw - day !== this.#firstTime) this.#times = true;
  }

  #categories(): Pick<ColumnOf<'category'>, 'categories' | 'frequencies' | 'encoding'> {
    const kept = this.#names
      .map((name, i) => ({ name, count: this.#counts[i] }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, MOST_CATEGORIES);
    return {
      categories: kept.map(({ name }) => name),
      frequencies: kept.map(({ count }) => count / this.#rows),
      encoding: kept.length <= MOST_ONE_HOT ? 'one_hot' : 'frequency',
    };
  }
}

/** Whether row i of n is in the sample for quantiles, in a table with this many columns. */
export function isSampled(i: number, n: number, columns: number): boolean {
  const size = Math.max(SAMPLE_LEAST, Math.min(SAMPLE, Math.floor(SAMPLE_VALUES / columns)));
  return n <= size || Math.floor(((i + 1) * size) / n) > Math.floor((i * size) / n);
}

type Scaled = Pick<ColumnOf<'number'>, 'scaling' | 'center' | 'scale' | 'knots' | 'scores'>;

/**
 * Chooses how a column of numbers is scaled: by mean and deviation, unless the tails are so heavy that they squeeze the
 * bulk of the values into less than a tenth of the deviation; then by median and interquartile range, or to normal
 * scores if more than 1 % of the values are beyond five robust deviations. If half of the values are equal, the
 * interquartile range is 0, and with two different values there are no quantiles: both fall back to mean and deviation.
 */
export function chooseNumberScaling(
  sorted: Float64Array,
  wanted: NumberScaling,
  moments: { center: number; scale: number },
): Scaled {
  const median = quantile(sorted, 0.5);
  const spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / NORMAL_IQR;
  const far = sorted.reduce((sum, x) => sum + Number(Math.abs(x - median) > FAR * spread), 0) / sorted.length;
  const squeezed = spread > 0 && spread < SQUEEZED * moments.scale;
  const suited = !squeezed ? 'standard' : far > FAR_SHARE ? 'quantile' : 'robust';
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

import type { ColumnOf, TableColumn } from '../../../bundle/column-schema.ts';
import { quantile } from '../datasets/statistics.ts';
import type { InferredColumn } from './infer.ts';

/** How numbers are scaled: one way for all of them, or what suits each. */
export type NumberScaling = 'auto' | 'standard' | 'robust' | 'quantile';

/** Medians and quantiles are those of at most so many training rows, spread evenly over all … */
const SAMPLE = 100_000;
/** … or fewer, if the values of all columns would be more than so many, but at least so many rows. */
const SAMPLE_VALUES = 8_000_000;
const SAMPLE_LEAST = 2000;

/** A category's raw value while the table is read is its place in the order of appearance, up to so many. */
export const MOST_SEEN = 100_000;

/** At most so many categories are kept, the most frequent; at most so many one-hot. */
const MOST_CATEGORIES = 1000;
const MOST_ONE_HOT = 16;

/** Knots of the quantile scaling lie at these normal scores: as many as a straight line has on either side of 0. */
const KNOTS = Array.from({ length: 33 }, (_, k) => -3 + (6 * k) / 32);

/** The interquartile range of a normal distribution is so many deviations. */
const NORMAL_IQR = 1.349;

/** Tails are heavy where the interquartile range makes less than such a share of the deviation that they stretch … */
const SQUEEZED = 0.1;
/** … and very heavy if more than such a share is beyond five robust deviations from the median. */
const FAR_SHARE = 0.01;
const FAR = 5;

/** Rows are in the order of their dates if so many of them are not before the one before. */
const ORDERED = 0.95;

/** What the training rows of a column say, in one pass over all rows of the table. */
export class ColumnProfile {
  readonly #inferred: InferredColumn;
  #rows = 0;
  #missing = 0;
  #mean = 0;
  #squares = 0;
  readonly #sample: number[] = [];
  /** Of a category: its training rows, by order of appearance. */
  readonly #counts: number[] = [];
  readonly #names: string[] = [];
  readonly #indices = new Map<string, number>();
  #lastDate = Number.NaN;
  /** Dates that are no earlier, and no later, than the one before. */
  #rises = 0;
  #falls = 0;
  #firstTime = Number.NaN;
  #times = false;
  readonly #weekdays = new Set<number>();

  constructor(inferred: InferredColumn) {
    this.#inferred = inferred;
  }

  /** The provisional raw value of a category: its number in the order of appearance, −1 if there are too many. */
  indexOf(name: string): number {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    if (this.#names.length === MOST_SEEN) return -1;
    this.#indices.set(name, this.#names.length);
    this.#counts.push(0);
    return this.#names.push(name) - 1;
  }

  /** Takes the raw value of a training row into account; some are `sampled`. */
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

  /** The column as the manifest has it; undefined if no training row has a value. */
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
    return { kind, ...named, ...scalingOf(sorted, scaling, moments), missing };
  }

  /** Provisional raw values of a category to final ones. */
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

/** Whether row i of n, in a table of so many columns, is one of the sample. */
export function isSampled(i: number, n: number, columns: number): boolean {
  const size = Math.max(SAMPLE_LEAST, Math.min(SAMPLE, Math.floor(SAMPLE_VALUES / columns)));
  return n <= size || Math.floor(((i + 1) * size) / n) > Math.floor((i * size) / n);
}

type Scaled = Pick<ColumnOf<'number'>, 'scaling' | 'center' | 'scale' | 'knots' | 'scores'>;

/**
 * How a column of numbers is scaled: by mean and deviation unless its tails are so heavy that the bulk of the
 * values is squeezed into less than a tenth of the deviation; then by median and interquartile range, or to normal
 * scores if more than 1 % of the values are beyond five of these deviations. A column of which half the values are
 * one has no interquartile range to go by, and one of two values no quantiles: they fall back to mean and deviation.
 */
export function scalingOf(
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
    const curve = knotsOf(sorted);
    if (curve.knots.length > 2) return { scaling, ...moments, ...curve };
  }
  if (scaling === 'robust' && Math.fround(spread) > 0) {
    return { scaling, center: Math.fround(median), scale: Math.fround(spread), ...none };
  }
  return { scaling: 'standard', ...moments, ...none };
}

/** Quantiles at 33 normal scores from −3 to 3; where several are the same value, at the mean of their scores. */
function knotsOf(sorted: Float64Array): { knots: number[]; scores: number[] } {
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

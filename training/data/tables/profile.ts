import { categoryKey } from '../../../bundle/category-text.ts';
import type { ColumnOf, TableColumn } from '../../../bundle/column-schema.ts';
import { quantile } from '../datasets/statistics.ts';
import type { InferredColumn } from './infer.ts';
import { chooseNumberScaling, type NumberScaling } from './number-scaling.ts';

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

/** Rows are in the order of their dates if at least this share of them does not step back. */
const ORDERED = 0.95;

/** Gathers what the training rows say about a column, in one pass over the table. */
export class ColumnProfile {
  readonly #inferred: InferredColumn;
  readonly #na: readonly string[] | undefined;
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

  constructor(inferred: InferredColumn, na: readonly string[] | undefined) {
    this.#inferred = inferred;
    this.#na = na;
  }

  /** Finds the provisional raw value of a category: its number in the order of appearance, −1 if there are too many. */
  indexOf(name: string): number {
    const key = categoryKey(name);
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    if (this.#names.length === MOST_SEEN) return -1;
    this.#indices.set(key, this.#names.length);
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
    const { kind, words, origin, column, notation, epoch } = this.#inferred;
    const values = this.#rows - this.#missing;
    if (values === 0) return undefined;
    const named = {
      name: column.name,
      missing_share: this.#missing / this.#rows,
      ...(this.#na && { na: [...this.#na] }),
    };
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
      return { kind, ...named, origin, ...(epoch && { epoch }), ...moments, ...varies, missing };
    }
    const read = { ...(origin !== 0 && { origin }), ...(notation !== undefined && { notation }) };
    return { kind, ...named, ...read, ...chooseNumberScaling(sorted, scaling, moments), missing };
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

import { formatNumber, formatPercent, roundTo } from '../common/format.ts';
import type { CategoryColumn, Column, NumberColumn } from './columns.ts';

/** How the points of a selection differ from all points in one column. */
export interface Contrast {
  key: string;
  name: string;
  /**
   * The difference of the means in standard deviations of all points: of a number, of its logarithm where the scale is
   * logarithmic, or of whether a category is the one named.
   */
  size: number;
  /** For numbers, the medians; for categories, the share of the category that differs most. */
  here: string;
  all: string;
  /** For categories: which one. */
  category?: string;
}

/** What sets a selection apart, the largest difference first. `inside` has 1 for each point of it. */
export const contrastColumns = (columns: readonly Column[], inside: Uint8Array): Contrast[] =>
  columns
    .map((column) =>
      column.kind === 'number' ? contrastNumbers(column, inside) : contrastCategories(column, inside),
    )
    .filter((contrast) => contrast !== undefined)
    .sort((a, b) => Math.abs(b.size) - Math.abs(a.size));

function contrastNumbers(column: NumberColumn, inside: Uint8Array): Contrast | undefined {
  const { key, name, values, scale, unit, format = formatNumber } = column;
  const all = values.filter((value) => !Number.isNaN(value));
  const here = values.filter((value, i) => inside[i] === 1 && !Number.isNaN(value));
  if (here.length === 0) return undefined;
  const place = (value: number) => scale.toShare(value);
  const size = standardise(mean(here, place), mean(all, place), deviation(all, place));
  const text = (value: number) => `${format(value)}${unit ? ` ${unit}` : ''}`;
  return { key, name, size, here: text(median(here)), all: text(median(all)) };
}

function contrastCategories(
  { key, name, categories, codes, missing }: CategoryColumn,
  inside: Uint8Array,
): Contrast | undefined {
  const counts = {
    here: new Float64Array(categories.length + 1),
    all: new Float64Array(categories.length + 1),
  };
  let selected = 0;
  for (let i = 0; i < inside.length; i++) {
    counts.all[codes[i]! + 1]!++;
    if (!inside[i]) continue;
    selected++;
    counts.here[codes[i]! + 1]!++;
  }
  if (selected === 0) return undefined;
  let best = { slot: 0, size: 0, here: 0, all: 0 };
  for (let slot = 0; slot <= categories.length; slot++) {
    const [here, all] = [counts.here[slot]! / selected, counts.all[slot]! / inside.length];
    const size = standardise(here, all, Math.sqrt(all * (1 - all)));
    // Of two categories, one is as much more frequent as the other is less: the more frequent one is said.
    const lead = Math.abs(size) - Math.abs(best.size);
    if (lead > 1e-9 || (lead > -1e-9 && size > best.size)) best = { slot, size, here, all };
  }
  if (best.size === 0) return undefined;
  const category = best.slot === 0 ? missing : categories[best.slot - 1]!;
  return {
    key,
    name,
    size: best.size,
    here: formatPercent(best.here),
    all: formatPercent(best.all),
    category,
  };
}

/** A contrast's size in words: `+1.2 SD`. */
export const describeSize = ({ size }: Contrast): string =>
  `${size < 0 ? '−' : '+'}${roundTo(Math.abs(size), 2)} SD`;

/** The share of the points inside that fall into each of `bins` equal parts of a column's scale, and of all points. */
export function compareHistograms(
  { values, scale }: Pick<NumberColumn, 'values' | 'scale'>,
  inside: Uint8Array,
  bins: number,
): { here: number[]; all: number[] } {
  const counts = { here: new Array<number>(bins).fill(0), all: new Array<number>(bins).fill(0) };
  let selected = 0;
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(bins - 1, Math.floor(scale.toShare(values[i]!) * bins));
    counts.all[bin]!++;
    if (!inside[i]) continue;
    selected++;
    counts.here[bin]!++;
  }
  return {
    here: counts.here.map((count) => count / (selected || 1)),
    all: counts.all.map((count) => count / (values.length || 1)),
  };
}

const standardise = (here: number, all: number, spread: number) => (spread > 0 ? (here - all) / spread : 0);

const mean = (values: Float64Array, of: (value: number) => number) =>
  values.reduce((sum, value) => sum + of(value), 0) / values.length;

function deviation(values: Float64Array, of: (value: number) => number): number {
  const middle = mean(values, of);
  return Math.sqrt(values.reduce((sum, value) => sum + (of(value) - middle) ** 2, 0) / values.length);
}

/** The middle value; of an even number, the lower of the two. */
const median = (values: Float64Array): number => values.toSorted()[Math.floor((values.length - 1) / 2)]!;

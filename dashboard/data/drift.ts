import { formatNumber, formatPercent } from '../common/format.ts';
import type { CategoryColumn, Column, NumberColumn } from './columns.ts';

/** How far the distribution of a column moved from the earlier half of the rows to the later one. */
export interface Drift {
  name: string;
  /** 0 for equal distributions, 1 for ones that share no value: the largest difference of the cumulative shares (Kolmogorov and Smirnov); for categories, the sum of what some gained. */
  distance: number;
  /** Distances up to this are what independent rows show by chance, in 99 of 100 tables. */
  chance: number;
  /** For numbers, the median of each half; for categories, the share of the one that changed most. */
  earlier: string;
  later: string;
  /** For categories: which one. */
  category?: string;
}

const LEVEL = 0.01;

/** How the columns moved, the largest distance first. `times` are NaN for rows that belong to neither half. */
export function measureDrift(columns: readonly Column[], times: Float64Array): Drift[] {
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  const middle = known[Math.floor(known.length / 2)] ?? 0;
  const earlier = [...times.keys()].filter((i) => times[i]! < middle);
  const later = [...times.keys()].filter((i) => times[i]! >= middle);
  if (earlier.length === 0 || later.length === 0) return [];
  const level = LEVEL / columns.length;
  return columns
    .map((column) =>
      column.kind === 'number'
        ? compareNumbers(column, earlier, later, level)
        : compareCategories(column, earlier, later, level),
    )
    .filter((drift) => drift !== undefined)
    .sort((a, b) => b.distance - a.distance);
}

function compareNumbers(
  { name, values, format = formatNumber }: NumberColumn,
  earlier: number[],
  later: number[],
  level: number,
): Drift | undefined {
  const sorted = (rows: number[]) =>
    Float64Array.from(rows, (i) => values[i]!)
      .filter((value) => !Number.isNaN(value))
      .sort();
  const [a, b] = [sorted(earlier), sorted(later)];
  if (a.length === 0 || b.length === 0) return undefined;
  let distance = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  const median = (list: Float64Array) => format(list[Math.floor((list.length - 1) / 2)]!);
  const chance = Math.sqrt((-Math.log(level / 2) / 2) * (1 / a.length + 1 / b.length));
  return { name, distance, chance, earlier: median(a), later: median(b) };
}

function compareCategories(
  { name, categories, codes, missing }: CategoryColumn,
  earlier: number[],
  later: number[],
  level: number,
): Drift {
  const sharesOf = (rows: number[]) => {
    const shares = new Float64Array(categories.length + 1);
    for (const i of rows) shares[codes[i]! + 1]! += 1 / rows.length;
    return shares;
  };
  const [before, after] = [sharesOf(earlier), sharesOf(later)];
  const gains = after.map((share, slot) => share - before[slot]!);
  const distance = gains.reduce((sum, gain) => sum + Math.max(0, gain), 0);
  let most = 0;
  for (const [slot, gain] of gains.entries()) if (Math.abs(gain) > Math.abs(gains[most]!)) most = slot;
  // Half the sum of the expected differences, and the bound of McDiarmid for how far it exceeds that.
  const room = 1 / earlier.length + 1 / later.length;
  const expected = before.reduce((sum, share, slot) => {
    const pooled = (share * earlier.length + after[slot]! * later.length) / (earlier.length + later.length);
    return sum + 0.5 * Math.sqrt(pooled * (1 - pooled) * room);
  }, 0);
  const chance = expected + Math.sqrt((-Math.log(level) / 2) * room);
  return {
    name,
    distance,
    chance,
    earlier: formatPercent(before[most]!),
    later: formatPercent(after[most]!),
    category: most === 0 ? missing : categories[most - 1]!,
  };
}

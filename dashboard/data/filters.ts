import { formatNumber } from '../common/format.ts';
import type { CategoryColumn, Column, NumberColumn } from './columns.ts';

/** The smallest and largest value that is shown; an end that is open is infinite. */
export type Range = readonly [low: number, high: number];

const OPEN: Range = [-Infinity, Infinity];

/** What is shown, by the keys of columns: the one store that the map and the table of anomalies share. */
export interface Filters {
  /** For columns of categories: the codes that are hidden. -1 stands for a missing value. */
  readonly hidden: ReadonlyMap<string, ReadonlySet<number>>;
  /** For columns of numbers. */
  readonly ranges: ReadonlyMap<string, Range>;
}

export const NO_FILTERS: Filters = { hidden: new Map(), ranges: new Map() };

const NONE: ReadonlySet<number> = new Set();

/** The codes of a column that are hidden. */
export const hiddenOf = ({ hidden }: Filters, key: string): ReadonlySet<number> => hidden.get(key) ?? NONE;

/** The values of a column that are shown. */
export const rangeOf = ({ ranges }: Filters, key: string): Range => ranges.get(key) ?? OPEN;

/** The filters with another set of hidden codes for a column. */
export function withHidden(filters: Filters, key: string, codes: ReadonlySet<number>): Filters {
  const hidden = new Map(filters.hidden);
  if (codes.size > 0) hidden.set(key, codes);
  else hidden.delete(key);
  return { ...filters, hidden };
}

/** The filters with another range for a column. */
export function withRange(filters: Filters, key: string, range: Range): Filters {
  const ranges = new Map(filters.ranges);
  if (range[0] === -Infinity && range[1] === Infinity) ranges.delete(key);
  else ranges.set(key, range);
  return { ...filters, ranges };
}

/** The filters without those of a column. */
export const withoutColumn = (filters: Filters, key: string): Filters =>
  withRange(withHidden(filters, key, NONE), key, OPEN);

/**
 * 1 for each of `count` points that the filters let through, else 0. A column that is not there filters nothing, and a
 * missing number is outside every range.
 */
export function filterPoints(count: number, columns: readonly Column[], filters: Filters): Uint8Array {
  const shown = new Uint8Array(count).fill(1);
  for (const column of columns) {
    if (column.kind === 'category') {
      const hidden = filters.hidden.get(column.key);
      if (!hidden) continue;
      for (let i = 0; i < count; i++) if (hidden.has(column.codes[i]!)) shown[i] = 0;
    } else {
      const range = filters.ranges.get(column.key);
      if (!range) continue;
      const [low, high] = range;
      for (let i = 0; i < count; i++)
        if (!(column.values[i]! >= low && column.values[i]! <= high)) shown[i] = 0;
    }
  }
  return shown;
}

/** 1 for each of `count` points that is listed, else 0. */
export function flagPoints(count: number, listed: readonly number[]): Uint8Array {
  const flags = new Uint8Array(count);
  for (const index of listed) flags[index] = 1;
  return flags;
}

/** How many points are shown, given 1 for each that is. */
export const countShown = (shown: Uint8Array): number => shown.reduce((sum, flag) => sum + flag, 0);

/** An active filter in words, and the column that it belongs to. */
export interface FilterText {
  key: string;
  text: string;
}

/** The active filters in words. `names` are those of all columns, also of those that are still being read. */
export function describeFilters(
  columns: readonly Column[],
  { hidden, ranges }: Filters,
  names: readonly { key: string; name: string }[] = columns,
): FilterText[] {
  return [...new Set([...hidden.keys(), ...ranges.keys()])].map((key) => {
    const column = columns.find((known) => known.key === key);
    if (!column) {
      const name = names.find((known) => known.key === key)?.name;
      return { key, text: name ? `${name}: being read` : `${key}: not a column of this map` };
    }
    return {
      key,
      text:
        column.kind === 'category'
          ? describeHidden(column, hidden.get(key) ?? NONE)
          : describeRange(column, ranges.get(key) ?? OPEN),
    };
  });
}

function describeHidden(column: CategoryColumn, hidden: ReadonlySet<number>): string {
  const left = countCategories(column).filter(({ code }) => !hidden.has(code));
  const names = (codes: readonly number[]) =>
    codes.map((code) => column.categories[code] ?? column.missing).join(', ');
  if (left.length === 0) return `${column.name}: none`;
  if (left.length <= 2) return `${column.name}: only ${names(left.map(({ code }) => code))}`;
  return hidden.size <= 3
    ? `${column.name}: without ${names([...hidden])}`
    : `${column.name}: ${left.length} of ${left.length + hidden.size} shown`;
}

function describeRange({ name, format = formatNumber }: NumberColumn, [low, high]: Range): string {
  if (high === Infinity) return `${name} ≥ ${format(low)}`;
  if (low === -Infinity) return `${name} ≤ ${format(high)}`;
  return `${name} ${format(low)} to ${format(high)}`;
}

/** A category as the filter lists it. */
export interface CategoryCount {
  name: string;
  code: number;
  count: number;
}

/** The categories that some point has, in order, and last the points without one. */
export function countCategories({
  categories,
  codes,
  missing,
}: Pick<CategoryColumn, 'categories' | 'codes' | 'missing'>): CategoryCount[] {
  const counts = new Uint32Array(categories.length);
  let absent = 0;
  for (let i = 0; i < codes.length; i++) {
    if (codes[i]! < 0) absent++;
    else counts[codes[i]!]!++;
  }
  return [
    ...categories.map((name, code) => ({ name, code, count: counts[code]! })),
    { name: missing, code: -1, count: absent },
  ].filter(({ count }) => count > 0);
}

/** Hides a code that is shown and shows one that is hidden. */
export function toggleCode(hidden: ReadonlySet<number>, code: number): ReadonlySet<number> {
  const next = new Set(hidden);
  if (!next.delete(code)) next.add(code);
  return next;
}

/** Hides every category but one. */
export const isolateCode = (listed: readonly CategoryCount[], code: number): ReadonlySet<number> =>
  new Set(listed.map((entry) => entry.code).filter((other) => other !== code));

/** Moves one end of a range, but not past the other end. */
export const moveEnd = ([low, high]: Range, end: 'low' | 'high', value: number): Range =>
  end === 'low' ? [Math.min(value, high), high] : [low, Math.max(value, low)];

/** A number to four significant digits, rounded so that a range that it ends grows. */
export function roundOutwards(value: number, end: 'low' | 'high'): number {
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - 3);
  return Number(((end === 'low' ? Math.floor(value / unit) : Math.ceil(value / unit)) * unit).toPrecision(4));
}

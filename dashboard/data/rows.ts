import { displayExpected, displayValue } from '../../bundle/column-display.ts';
import { isClock } from '../../bundle/column-traits.ts';
import { shortestFloat } from '../../bundle/float.ts';
import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { typicalRow } from '../../bundle/record.ts';
import { formatNumber, readableDate, roundTo } from '../common/format.ts';

/** What a row is described by. */
export type Data = Pick<Manifest['data'], 'features' | 'scaling' | 'names' | 'range' | 'shape'>;

/** A row of numbers as text, separated by commas. {@link parseRow} reads the same row from it. */
export const formatRow = (row: Float32Array): string => Array.from(row, shortestFloat).join(', ');

/**
 * Reads a row of numbers, separated by commas, semicolons, tabs, blanks or new lines. If the text is no such row, one
 * sentence says why, with the index of the first wrong number.
 */
export function parseRow(text: string, { features, range }: Data): Float32Array | string {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const row = Float32Array.from(parts, Number);
  const [low, high] = range ?? [-Infinity, Infinity];
  for (const [j, value] of row.entries()) {
    if (!Number.isFinite(value)) return `Feature ${j} is “${parts[j]!.slice(0, 20)}”, which is not a number.`;
    // In float32, as the model gets it: a bound of 0.1 is then no smaller than the value 0.1.
    if (value < Math.fround(low) || value > Math.fround(high)) {
      return `Feature ${j} is ${parts[j]}; expected a number from ${low} to ${high}.`;
    }
  }
  return row.length === features ? row : `The row has ${row.length} numbers; expected ${features}.`;
}

/** An unremarkable row: a table's typical record, the mean of each feature, or the middle of the range. */
export function makeTypicalRow({ features, scaling }: Data): Float32Array {
  switch (scaling.kind) {
    case 'columns':
      return typicalRow(scaling.columns);
    case 'standard':
      return Float32Array.from(scaling.mean);
    case 'range':
      return new Float32Array(features).fill((scaling.low + scaling.high) / 2);
  }
}

/**
 * A row with each value from one of several rows, drawn independently: every value is one that occurs, but not with the
 * others.
 */
export function mixRows(rows: readonly Float32Array[], random = Math.random): Float32Array {
  return Float32Array.from(rows[0]!, (_, j) => rows[Math.floor(rows.length * random())]![j]!);
}

/** A feature's name: its column in a table, else its index. */
export const featureName = ({ names }: Data, j: number): string => names?.[j] ?? String(j);

const show = ({ kind }: { kind: string }, text: string) => (kind === 'date' ? readableDate(text) : text);

/** A feature's raw value as text. */
export function formatValue(data: Data, j: number, raw: number): string {
  const column = tableColumns(data)[j];
  return column ? show(column, displayValue(column, raw)) : formatNumber(raw, 4);
}

/**
 * The model's reconstruction of a feature as text; a dash where the model has none. A number has four digits, as it is an
 * estimate.
 */
export function formatExpected(data: Data, j: number, raw: number): string {
  if (!isReconstructed(data, j)) return '—';
  const column = tableColumns(data)[j];
  if (column && column.kind !== 'number') return show(column, displayExpected(column, raw));
  if (!column) return formatNumber(raw, 4);
  return formatValue(data, j, roundTo(raw + (column.origin ?? 0), 4) - (column.origin ?? 0));
}

/** Whether the model reconstructs a feature. It does not for a clock, whose place in time it ignores. */
export function isReconstructed(data: Data, j: number): boolean {
  const column = tableColumns(data)[j];
  return !column || !isClock(column);
}

/** How a raw value compares to the training data, and by which measure. */
export interface Usualness {
  /**
   * `deviations` from the mean; the place in the `range`, from 0 to 1; or, for flags and categories, the `frequency`:
   * the share of training rows with the same value.
   */
  measure: 'deviations' | 'range' | 'frequency';
  amount: number;
}

/** Compares a feature's raw value to the training data. */
export function measureUsualness({ scaling }: Data, j: number, raw: number): Usualness {
  if (scaling.kind === 'range') {
    return { measure: 'range', amount: (raw - scaling.low) / (scaling.high - scaling.low) };
  }
  if (scaling.kind === 'standard') {
    return { measure: 'deviations', amount: (raw - scaling.mean[j]!) / scaling.deviation[j]! };
  }
  const column = scaling.columns[j]!;
  switch (column.kind) {
    case 'flag':
      return { measure: 'frequency', amount: raw >= 0.5 ? column.share : 1 - column.share };
    case 'category':
      return { measure: 'frequency', amount: column.frequencies[raw] ?? 0 };
    default:
      return { measure: 'deviations', amount: (raw - column.center) / column.scale };
  }
}

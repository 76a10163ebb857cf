import { displayValue } from '../../bundle/column-display.ts';
import { isClock, type TableColumn } from '../../bundle/column-schema.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { typicalRow } from '../../bundle/record.ts';
import { formatNumber } from '../common/format.ts';

type Data = Manifest['data'];

/** A row as a person reads and writes it: numbers of at most six digits. */
export const rowText = (row: ArrayLike<number>): string =>
  Array.from(row, (value) => Number(value.toPrecision(6))).join(', ');

/**
 * Reads a row of numbers, separated by commas, semicolons, tabs, blanks or new lines. What is wrong with it comes
 * back in one sentence, with the place of the first wrong number.
 */
export function parseRow(text: string, { features, range }: Data): Float32Array | string {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const row = Float32Array.from(parts, Number);
  const [low, high] = range ?? [-Infinity, Infinity];
  for (const [j, value] of row.entries()) {
    if (!Number.isFinite(value)) return `Feature ${j} is “${parts[j]!.slice(0, 20)}”, which is no number.`;
    if (value < low || value > high) {
      return `Feature ${j} is ${parts[j]}, a number from ${low} to ${high} is expected.`;
    }
  }
  return row.length === features ? row : `${row.length} numbers, ${features} are expected.`;
}

/** A row with nothing special in it: a typical record, the mean of each feature, or the middle of the range. */
export function plainRow({ features, scaling }: Data): Float32Array {
  switch (scaling.kind) {
    case 'columns':
      return typicalRow(scaling.columns);
    case 'standard':
      return Float32Array.from(scaling.mean);
    case 'range':
      return new Float32Array(features).fill((scaling.low + scaling.high) / 2);
  }
}

/** Each feature drawn by itself: of a number within three deviations of its mean, or from the range. */
export function randomRow({ features, scaling }: Data): Float32Array {
  return Float32Array.from({ length: features }, (_, j) => {
    switch (scaling.kind) {
      case 'columns':
        return randomValue(scaling.columns[j]!);
      case 'standard':
        return scaling.mean[j]! + scaling.deviation[j]! * (6 * Math.random() - 3);
      case 'range':
        return scaling.low + (scaling.high - scaling.low) * Math.random();
    }
  });
}

const fourDigits = (value: number) => Number(value.toPrecision(4));

function randomValue(column: TableColumn): number {
  switch (column.kind) {
    case 'number':
      return fourDigits(column.center + column.scale * (6 * Math.random() - 3));
    case 'flag':
      return Math.random() < 0.5 ? 0 : 1;
    case 'category':
      return Math.floor(column.categories.length * Math.random());
    case 'date': {
      const days = column.center + column.scale * (6 * Math.random() - 3);
      return column.time ? days : Math.round(days);
    }
  }
}

/** What a feature is called: the name of a table's column, or its index. */
export const featureName = ({ names }: Data, j: number): string => names?.[j] ?? String(j);

/** A raw value as a person reads it. */
export function shownValue({ scaling }: Data, j: number, raw: number): string {
  const column = scaling.kind === 'columns' ? scaling.columns[j]! : undefined;
  return column ? displayValue(column, raw) : formatNumber(raw, 4);
}

/** What the model expected of a feature; a dash of a date of which it does not know the place in time. */
export function shownExpected(data: Data, j: number, raw: number): string {
  return isPlaced(data, j) ? shownValue(data, j, raw) : '—';
}

/** Whether what the model rebuilds of a feature says anything: not of the date of a clock. */
export const isPlaced = ({ scaling }: Data, j: number): boolean =>
  scaling.kind !== 'columns' || !isClock(scaling.columns[j]!);

/**
 * How usual a raw value is: how many deviations from the mean, which part of the range, or of a flag and a category
 * the share of the training rows that have it.
 */
export function usualness(
  { scaling }: Data,
  j: number,
  raw: number,
): { of: 'deviations' | 'range' | 'frequency'; part: number } {
  if (scaling.kind === 'range') {
    return { of: 'range', part: (raw - scaling.low) / (scaling.high - scaling.low) };
  }
  if (scaling.kind === 'standard') {
    return { of: 'deviations', part: (raw - scaling.mean[j]!) / scaling.deviation[j]! };
  }
  const column = scaling.columns[j]!;
  switch (column.kind) {
    case 'flag':
      return { of: 'frequency', part: raw >= 0.5 ? column.share : 1 - column.share };
    case 'category':
      return { of: 'frequency', part: column.frequencies[raw] ?? 0 };
    default:
      return { of: 'deviations', part: (raw - column.center) / column.scale };
  }
}

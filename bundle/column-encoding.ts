import type { ColumnOf, TableColumn } from './column-schema.ts';
import { isClock } from './column-traits.ts';

/** One number that the model sees, and how it is computed from the raw value x of its column. */
export type EncodedFeature = {
  /** Index of the raw column. */
  readonly column: number;
  readonly name: string;
} & (
  | { readonly of: 'value' | 'frequency' | 'missing'; readonly center: number; readonly scale: number }
  | { readonly of: 'quantile' }
  | { readonly of: 'category'; readonly index: number; readonly scale: number }
  | { readonly of: 'time' | 'weekday'; readonly wave: 'sin' | 'cos' }
);

/**
 * A lower bound for the variance that a rare flag or category is scaled by: a rare event weighs a lot, but must not
 * outweigh everything else.
 */
const LEAST_VARIANCE = 0.05;

/** The divisor of a missing-value flag. */
const MISSING_SCALE = 0.5;

/** The divisor of a flag with this share, so that the flag varies like a standardised number. */
const flagScale = (share: number): number => Math.sqrt(Math.max(share * (1 - share), LEAST_VARIANCE / 2));

/**
 * The numbers that the model sees, column by column:
 * - number: one feature, scaled;
 * - flag: one feature, (x − share) / deviation;
 * - one-hot category: one feature per category, 1 / s or 0, where s² = 1 − Σ pᵢ² is the sum of their variances. The
 *   column then weighs as much as one standardised number. An unknown category is the mean of the known ones, from
 *   which the scorer's graph finds the one to expect;
 * - frequency-encoded category: its frequency in the training rows (their mean if unknown), standardised;
 * - date: one feature, standardised, and the sine and cosine of the time of day and of the weekday, if these vary. A
 *   clock has only the latter ({@link isClock});
 * - any column with missing values in the training rows: a missing-value flag, at most two deviations off, because a
 *   missing value alone is rarely the anomaly that users look for.
 */
export function encodedFeatures(columns: readonly TableColumn[]): EncodedFeature[] {
  return columns.flatMap(encodeColumn);
}

function encodeColumn(column: TableColumn, i: number): EncodedFeature[] {
  const { name, missing_share } = column;
  const at = (label?: string) => ({ column: i, name: label === undefined ? name : `${name}: ${label}` });
  const waves = (of: 'time' | 'weekday') =>
    (['sin', 'cos'] as const).map((wave) => ({ ...at(`${of}, ${wave}`), of, wave }));
  const missing: EncodedFeature[] = [];
  if (missing_share > 0) {
    const oneHot = column.kind === 'category' && column.encoding === 'one_hot';
    const [center, scale] = oneHot ? [0, oneHotScale(column)] : [missing_share, MISSING_SCALE];
    missing.push({ ...at('missing'), of: 'missing', center, scale });
  }
  switch (column.kind) {
    case 'number': {
      const { scaling, center, scale } = column;
      const feature: EncodedFeature =
        scaling === 'quantile' ? { ...at(), of: 'quantile' } : { ...at(), of: 'value', center, scale };
      return [feature, ...missing];
    }
    case 'flag': {
      const { share } = column;
      return [{ ...at(), of: 'value', center: share, scale: flagScale(share) }, ...missing];
    }
    case 'category': {
      if (column.encoding === 'frequency') {
        return [{ ...at('frequency'), of: 'frequency', ...frequencyScale(column) }, ...missing];
      }
      const scale = oneHotScale(column);
      const each = column.categories.map(
        (category, index): EncodedFeature => ({ ...at(category), of: 'category', index, scale }),
      );
      return [...each, ...missing];
    }
    case 'date': {
      const { center, scale, time, weekday } = column;
      const value: EncodedFeature = { ...at(), of: 'value', center, scale };
      return [
        ...(isClock(column) ? [] : [value]),
        ...(time ? waves('time') : []),
        ...(weekday ? waves('weekday') : []),
        ...missing,
      ];
    }
  }
}

/** How many numbers the model sees of a row. */
export const encodedWidth = (columns: readonly TableColumn[]): number => encodedFeatures(columns).length;

/** The names of these numbers: the column's, with a label where it has several, as in `city: Oslo`. */
export const encodedNames = (columns: readonly TableColumn[]): string[] =>
  encodedFeatures(columns).map(({ name }) => name);

/** The raw column that each of these numbers belongs to. */
export const columnOfFeature = (columns: readonly TableColumn[]): Uint32Array =>
  Uint32Array.from(encodedFeatures(columns), ({ column }) => column);

function oneHotScale({ frequencies, missing_share }: ColumnOf<'category'>): number {
  const squares = [...frequencies, missing_share].reduce((sum, p) => sum + p * p, 0);
  return Math.sqrt(Math.max(1 - squares, LEAST_VARIANCE));
}

/** Mean and deviation of the frequencies over the training rows. */
function frequencyScale({ frequencies }: ColumnOf<'category'>): { center: number; scale: number } {
  const center = frequencies.reduce((sum, p) => sum + p * p, 0);
  const variance = frequencies.reduce((sum, p) => sum + p * p * p, 0) - center * center;
  return { center, scale: variance > 1e-12 ? Math.sqrt(variance) : Math.max(center, 1e-6) };
}

import { formatPercent } from '../common/format.ts';
import { isReconstructed, measureUsualness, type Usualness } from './rows.ts';

/** A sample's values, feature by feature. */
export interface FeatureValues {
  /** Raw values; a point of the map has none, as a bundle keeps only its code. */
  sample?: ArrayLike<number> | undefined;
  /** The reconstruction, in raw units. */
  expected: ArrayLike<number>;
  /** How much of the score each feature accounts for. */
  share?: ArrayLike<number> | undefined;
}

/** One feature as the table shows it. */
export interface FeatureRow {
  index: number;
  value: number | undefined;
  expected: number;
  measure: 'share' | Usualness['measure'];
  amount: number;
  /** Whether the amount means anything. */
  known: boolean;
}

/** Frequencies do not compare with deviations: they come last and have no bar. */
const sizeOf = ({ measure, amount }: FeatureRow) => (measure === 'frequency' ? -1 : Math.abs(amount));

/** Makes a row for each feature: the largest share of the score first or, without shares, the most unusual first. */
export function buildFeatureRows(
  data: Parameters<typeof measureUsualness>[0],
  { sample, expected, share }: FeatureValues,
): FeatureRow[] {
  return Array.from(expected, (value, index): FeatureRow => {
    const usual = measureUsualness(data, index, value);
    return {
      index,
      value: sample?.[index],
      expected: value,
      measure: share ? 'share' : usual.measure,
      amount: share ? share[index]! : usual.amount,
      known: !!share || isReconstructed(data, index),
    };
  }).sort((a, b) => sizeOf(b) - sizeOf(a) || a.index - b.index);
}

/** A bar inside its track, in percent of the track's width. */
export interface Bar {
  left: number;
  width: number;
}

/**
 * Makes the bars of a table whose longest bar is that of the largest amount. `centred` bars start in the middle and
 * go left for negative amounts.
 */
export function createBarScale(rows: readonly FeatureRow[], centred: boolean): (amount: number) => Bar {
  const largest = Math.max(...rows.map(sizeOf), 1e-12);
  return (amount) => {
    const width = (100 * Math.abs(amount)) / largest / (centred ? 2 : 1);
    return { left: centred ? (amount < 0 ? 50 - width : 50) : 0, width };
  };
}

/** A share of the score: one above 0 never shows as 0. */
export const formatShare = (share: number): string =>
  share > 0 && share < 0.001 ? '<0.1%' : formatPercent(share);

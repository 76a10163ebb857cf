import { type DatePrecision, formatDate } from '../../bundle/date-format.ts';
import { readableDate } from '../common/format.ts';
import { logScale, logScaleFrom, type Scale } from '../common/scale.ts';
import { type Dataset, isLabelled } from './dataset.ts';

interface Named {
  /** What filters and links call it. */
  key: string;
  name: string;
  /** Whether the name is from the data. */
  own?: boolean | undefined;
}

/** A column of the map's points whose values are one of a few. */
export interface CategoryColumn extends Named {
  kind: 'category';
  categories: readonly string[];
  /** Each point's index into `categories`, or -1. */
  codes: ArrayLike<number>;
  /** What to call -1. */
  missing: string;
}

/** A column of the map's points whose values are numbers; NaN is missing. */
export interface NumberColumn extends Named {
  kind: 'number';
  values: Float64Array;
  scale: Scale;
  unit?: string | undefined;
  /** How to write a value, if not as a number. */
  format?: ((value: number) => string) | undefined;
  /** For dates, in days since 1970-01-01: how exactly they are written. */
  dates?: DatePrecision | undefined;
  /** What a range of dates is rounded to, in days. */
  grain?: number | undefined;
  /** Which end is anomalous; undefined if neither is by itself. */
  anomalous?: 'high' | 'low';
}

/** Something to colour and filter the points by. */
export type Column = CategoryColumn | NumberColumn;

/** How a column of dates, in days since 1970-01-01, is written, and what its ranges are rounded to. */
export const dateFormat = (precision: DatePrecision): Pick<NumberColumn, 'dates' | 'format' | 'grain'> => ({
  dates: precision,
  format: (days) => readableDate(formatDate(days, precision) ?? String(days)),
  grain: precision === 'day' ? 1 : 1 / 86_400,
});

type Described = Pick<Dataset, 'classes' | 'points' | 'terms'>;

/** The columns that every map has: class, score, p-value and, where there are several, the split. */
export function builtInColumns({ classes, points, terms }: Described): Column[] {
  const columns: Column[] = [
    {
      key: 'score',
      name: 'Score',
      kind: 'number',
      values: points.score,
      // The lowest scores reach far down on this scale, and would take most of its colours.
      scale: logScaleFrom(points.score, 0.02),
      unit: 'nats',
      anomalous: 'high',
    },
    {
      key: 'p-value',
      name: 'p-value',
      kind: 'number',
      values: points.pValue,
      scale: logScale(points.pValue),
      anomalous: 'low',
    },
  ];
  if (isLabelled({ points })) {
    columns.unshift({
      key: 'class',
      name: terms.label,
      kind: 'category',
      categories: classes,
      codes: points.label,
      missing: 'no label',
    });
  }
  if (points.splits.length > 1) {
    columns.push({
      key: 'split',
      name: 'Split',
      kind: 'category',
      categories: points.splits,
      codes: points.split,
      missing: 'none',
    });
  }
  return columns;
}

import * as z from 'zod';
import { EPOCH_UNIT_NAMES } from './epoch.ts';
import { DURATION } from './notation.ts';
import { positive, share, shareBelowOne } from './ranges.ts';

/**
 * The columns of a table. Each holds one raw value per row, a float32: see column-parsing.ts for how a record becomes
 * raw values, and column-encoding.ts for what the scorer's graph makes of them. A missing value is NaN.
 */

const common = {
  name: z.string(),
  /** Share of the training rows in which the value is missing. Above 0, a missing-value flag is a feature too. */
  missing_share: shareBelowOne,
  /** Further texts that stand for a missing value. */
  na: z.array(z.string()).optional(),
};

/** See number-text.ts. */
const Notation = z.strictObject({
  decimal: z.enum(['.', ',']),
  group: z.enum(['', ',', '.', ' ', "'"]),
  unit: z.string(),
});

const NumberColumn = z.strictObject({
  kind: z.literal('number'),
  ...common,
  /** Raw values are numbers less this one, subtracted in float64, so that a large offset costs no digits. */
  origin: z.number().optional(),
  /** How texts write the numbers, if not as plain decimals. */
  notation: z.union([z.literal(DURATION), Notation]).optional(),
  /**
   * `standard` and `robust`: (x − center) / scale, with mean and standard deviation, or with median and interquartile
   * range / 1.349. `quantile`: the normal score of x, piecewise linear between `knots`.
   */
  scaling: z.enum(['standard', 'robust', 'quantile']),
  center: z.number(),
  scale: positive,
  /** For `quantile`: ascending raw values, and the normal score at each. Empty otherwise. */
  knots: z.array(z.number()),
  scores: z.array(z.number()),
  /** Replaces a missing value: the median. */
  missing: z.number(),
});

const FlagColumn = z.strictObject({
  kind: z.literal('flag'),
  ...common,
  /** The words for false and true in the training data. */
  words: z.tuple([z.string(), z.string()]),
  /** Share of the training rows in which it is true. */
  share,
  missing: z.union([z.literal(0), z.literal(1)]),
});

const CategoryColumn = z.strictObject({
  kind: z.literal('category'),
  ...common,
  /** The most frequent first, ties by name. The raw value is the index; −1 is a category that is not listed. */
  categories: z.array(z.string()).min(1),
  /** Each category's share of the training rows. */
  frequencies: z.array(share),
  encoding: z.enum(['one_hot', 'frequency']),
});

const DateColumn = z.strictObject({
  kind: z.literal('date'),
  ...common,
  /** Raw values are days, with fractions, since this day, which is itself counted from 1970-01-01. */
  origin: z.int(),
  /** What the numbers in the data count from 1970-01-01 on, if they are not dates. */
  epoch: z.enum(EPOCH_UNIT_NAMES).optional(),
  center: z.number(),
  scale: positive,
  /** Whether the time of day and the weekday vary in the training rows. Those that vary are features. */
  time: z.boolean(),
  weekday: z.boolean(),
  /** Whether the training rows are in date order, as in a log. */
  clock: z.boolean(),
  missing: z.number(),
});

/** One column of a table, by `kind`. */
export const TableColumnSchema = z.discriminatedUnion('kind', [
  NumberColumn,
  FlagColumn,
  CategoryColumn,
  DateColumn,
]);

export type TableColumn = z.infer<typeof TableColumnSchema>;
export type ColumnOf<K extends TableColumn['kind']> = Extract<TableColumn, { kind: K }>;

import type { EpochUnit } from '../../../bundle/epoch.ts';
import type { DURATION, Notation } from '../../../bundle/notation.ts';
import { parseNumber } from '../../../bundle/number-text.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import type { FileColumn } from '../../../bundle/tables/table.ts';
import type { ColumnKind } from './column-kind.ts';

/** What the first rows suggest about a column. */
export interface Guess {
  readonly column: FileColumn;
  readonly kind: ColumnKind;
  /** What a flag's false and true are called. */
  readonly words: readonly [string, string] | undefined;
  /** How texts write the numbers. */
  readonly notation: Notation | typeof DURATION | undefined;
  /** What the numbers of a date column count. */
  readonly epoch: EpochUnit | undefined;
  /** What is subtracted from numbers; for dates, a day in their middle. */
  readonly origin: number;
  /** Whether nearly every row has another text. */
  readonly freeText: boolean;
  /** How large a share of the values may not fit the kind. */
  readonly stray: number;
}

/** Whether a value is a plain number, also one that is too large. */
export const isNumber = (value: RecordValue): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' &&
    (parseNumber(value) !== undefined || /^[+-]?inf(inity)?$/i.test(value.trim())));

/** A column with more different values than this is hardly one of categories; a text in most rows another is free text. */
export const MANY = 100;

/** Largest share of a column's values that may not fit its kind, or one value: for columns with few and many different ones. */
export const STRAY = { few: 0.01, many: 0.2 };

/** How many of `count` values may not fit the kind. */
export const allowedStrays = (count: number, share: number): number =>
  count < 4 ? 0 : Math.max(1, share * count);

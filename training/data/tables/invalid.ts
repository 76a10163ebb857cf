import { DURATION } from '../../../bundle/notation.ts';
import { describePlace, showValue } from '../../../bundle/tables/invalid.ts';
import type { Table } from '../../../bundle/tables/table.ts';
import { showWord } from '../../console/shell.ts';
import { DataError } from '../datasets/error.ts';
import type { ColumnKind } from './column-kind.ts';
import { type Guess, isNumber } from './guess.ts';
import { isNumeric } from './notations.ts';
import type { Strays } from './summary.ts';

const EXPECTED = {
  number: 'a number',
  date: 'a date, such as 2024-05-31, 2024-05-31T16:30:00 or 31.05.2024',
  flag: 'true or false, yes or no, t or f, y or n, 1 or 0, the same two throughout',
} as const;

/** What is expected instead of a number that float32 does not hold. */
const TOO_LARGE = 'a finite number of at most 3.4e38 in size';

/** What is expected instead of a number that is written in another way than the others, or with another unit. */
function describeOthers(notation: Guess['notation']): string {
  if (notation === DURATION) return 'a duration, such as 12:30:00';
  const unit = notation?.unit ? ` and the unit ${notation.unit}` : '';
  return `a number with a decimal ${notation?.decimal === ',' ? 'comma' : 'point'}${unit}`;
}

/**
 * The error for a column with values that do not fit its kind: it shows the first one. If `mostly` such values are in the
 * column, they hardly stand for missing ones.
 */
export function strayValueError(
  table: Table,
  name: string,
  kind: Exclude<ColumnKind, 'category'>,
  { row, value, count }: Strays,
  { mostly, notation, epoch }: { mostly: boolean } & Pick<Guess, 'notation' | 'epoch'>,
): DataError {
  const more = count > 1 ? ` (the first of ${count} such values)` : '';
  const where = `${describePlace(table, row, name)}: ${showValue(value)}${more}`;
  const kinds = `if the column is of another kind: --types ${showWord(name)}=${epoch ? 'number' : 'category'}`;
  if (kind === 'number' && typeof value === 'string' && !isNumber(value) && isNumeric(value)) {
    return new DataError(
      `${where}, expected ${describeOthers(notation)}, as other values have: write all in one way; ${kinds}`,
    );
  }
  const times =
    epoch && isNumber(value) ? `a number of ${epoch} since 1970, and not within a year of it` : undefined;
  const expected = times ?? (kind === 'number' && isNumber(value) ? TOO_LARGE : EXPECTED[kind]);
  const missing = mostly
    ? ''
    : `, or nothing or NA if it is missing; if it stands for a missing value, say so: --na ${showWord(String(value))}`;
  return new DataError(`${where}, expected ${expected}${missing}; ${kinds}`);
}

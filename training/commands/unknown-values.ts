import type { UnknownValues } from '../../bundle/unknown-values.ts';

/** Columns that are named; the others are counted. */
const NAMED = 10;

/** Says which values training did not know, a sentence a column. */
export function describeUnknown(values: UnknownValues): string[] {
  const share = (count: number) =>
    `${count.toLocaleString('en')} of ${values.rows.toLocaleString('en')} rows`;
  const found = values
    .counts()
    .flatMap(({ column, unknown, missing }) => [
      ...(unknown > 0
        ? [`column ${column}: the category is new in ${share(unknown)}: no training row had it`]
        : []),
      ...(missing > 0
        ? [`column ${column}: the value is missing in ${share(missing)}: every training row had one`]
        : []),
    ]);
  const more = found.length - NAMED;
  return more > 0 ? [...found.slice(0, NAMED), `and ${more} more such warnings`] : found;
}

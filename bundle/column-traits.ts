import type { ColumnOf, TableColumn } from './column-schema.ts';

/**
 * Whether a column is a log's clock. The model then sees only the time of day and the weekday, not the date itself:
 * whatever comes next in a log is later than everything before. Its reconstruction is the same for every row and
 * carries no information.
 */
export const isClock = (column: TableColumn): boolean =>
  column.kind === 'date' && column.clock && (column.time || column.weekday);

/**
 * Whether a flag is written as 0 and 1. Then it may be a count that was never larger in training, so other numbers are
 * unusual, not wrong.
 */
export const isCount = ({ words }: ColumnOf<'flag'>): boolean => words[0] === '0' && words[1] === '1';

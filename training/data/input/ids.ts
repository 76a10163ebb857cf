import { parseNumber } from '../../../bundle/number-text.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import { readIdName } from '../tables/id-names.ts';

/** With fewer rows, whole numbers that happen to follow each other tell nothing. */
const FEWEST_ROWS = 10;

/**
 * Which columns of numbers look like ids: whole numbers that all differ, in a column that is called so or without gaps, as a count
 * of the rows has them.
 */
export async function findIds(table: Table, columns: readonly FileColumn[]): Promise<string[]> {
  const open = new Map(columns.map((column, j) => [column, { j, low: Infinity, high: -Infinity }]));
  const seen = new Map(columns.map((column) => [column, new Set<number>()]));
  let rows = 0;
  for await (const { count, cells } of table.read(columns)) {
    for (const [column, range] of open) {
      const values = seen.get(column)!;
      for (let i = 0; i < count; i++) {
        const value = readNumber(cells[range.j]!.value(i));
        if (!Number.isInteger(value) || values.has(value)) {
          open.delete(column);
          seen.delete(column);
          break;
        }
        values.add(value);
        range.low = Math.min(range.low, value);
        range.high = Math.max(range.high, value);
      }
    }
    rows += count;
    if (open.size === 0) break;
  }
  return [...open]
    .filter(([{ name }, { low, high }]) => {
      const complete = rows >= FEWEST_ROWS && high - low === rows - 1;
      return rows > 1 && (complete || readIdName(name) === 'sure');
    })
    .map(([{ name }]) => name);
}

const readNumber = (value: RecordValue): number =>
  (typeof value === 'string' ? parseNumber(value) : typeof value === 'number' ? value : undefined) ??
  Number.NaN;

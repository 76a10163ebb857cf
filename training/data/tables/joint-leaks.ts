import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import type { Label } from './label.ts';
import { keyOf } from './leaks.ts';

/** A column of two values, one of which only anomalous rows have, such as TWF in a table of failures, or attack_DoS. */
export interface Mark {
  readonly column: FileColumn;
  readonly value: string;
}

/** Share of the anomalous rows that marks together must cover to give the label away. */
const COVERED = 0.95;

/** Whether nearly every anomalous row has one of these marks: then they are the label, column by column. */
export async function coverLabel(table: Table, marks: readonly Mark[], label: Label): Promise<boolean> {
  // A single column that covers the label is one that gives it away alone.
  if (marks.length < 2) return false;
  const columns = [...marks.map(({ column }) => column), label.column];
  let anomalous = 0;
  let covered = 0;
  for await (const { count, cells } of table.read(columns)) {
    for (let i = 0; i < count; i++) {
      if (!label.isAnomalous(cells[marks.length].value(i))) continue;
      anomalous++;
      const has = ({ value }: Mark, j: number) => keyOf(cells[j], i) === value;
      if (marks.some(has)) covered++;
    }
  }
  return covered >= COVERED * anomalous;
}

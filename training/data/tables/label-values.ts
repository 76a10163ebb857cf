import { canonicalText } from '../../../bundle/category-text.ts';
import { isMissing } from '../../../bundle/missing-value.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import { toWord } from './label-classes.ts';

/** A value of a label, and the number of rows that have it. */
export interface Counted {
  readonly value: string;
  readonly rows: number;
}

/** A column with two values. */
export interface ColumnPair {
  readonly name: string;
  readonly pair: readonly [Counted, Counted];
}

/** The values of a column as the texts of a label. */
export interface LabelValues {
  /** How many rows have each value, of the first {@link MOST_VALUES} different ones. */
  readonly counts: ReadonlyMap<string, number>;
  /** Number of rows without a value, and the first of them, counted from 0. */
  readonly missing: number;
  readonly firstMissing: number;
}

/** Different values of a label that are counted. */
const MOST_VALUES = 10_000;

/** The text of a label's value; undefined if it is missing. */
export function labelText(value: RecordValue | bigint, na?: readonly string[]): string | undefined {
  if (value === null || (typeof value === 'number' && Number.isNaN(value))) return undefined;
  const text = canonicalText(String(value).trim());
  return isMissing(text, { kind: 'category', na }) ? undefined : text;
}

/** Counts the values of columns. */
export async function countValues(
  table: Table,
  columns: readonly FileColumn[],
  na: readonly string[] | undefined,
): Promise<LabelValues[]> {
  const found = columns.map(() => ({ counts: new Map<string, number>(), missing: 0, firstMissing: -1 }));
  if (columns.length === 0) return found;
  let start = 0;
  for await (const { count, cells } of table.read(columns)) {
    for (const [j, values] of found.entries()) {
      for (let i = 0; i < count; i++) {
        const text = labelText(cells[j].value(i), na);
        if (text === undefined) {
          if (values.missing++ === 0) values.firstMissing = start + i;
          continue;
        }
        const known = values.counts.get(text);
        if (known !== undefined || values.counts.size < MOST_VALUES)
          values.counts.set(text, (known ?? 0) + 1);
      }
    }
    start += count;
  }
  return found;
}

/** Counts values that differ in case alone as one, the most frequent spelling, if that leaves two. */
export function foldCase(found: LabelValues['counts']): {
  counts: LabelValues['counts'];
  spellings: ReadonlyMap<string, string>;
} {
  const spellings = new Map<string, string>();
  const byWord = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const [text, rows] of [...found].sort((a, b) => b[1] - a[1])) {
    const first = byWord.get(toWord(text)) ?? text;
    byWord.set(toWord(text), first);
    spellings.set(text, first);
    counts.set(first, (counts.get(first) ?? 0) + rows);
  }
  return counts.size === 2 ? { counts, spellings } : { counts: found, spellings: new Map() };
}

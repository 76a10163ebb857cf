import { parseRecord } from '../../bundle/column-parsing.ts';
import { tableColumns } from '../../bundle/kind.ts';
import type { RecordValue } from '../../bundle/record.ts';
import { readableDate } from '../common/format.ts';
import { type Data, formatValue } from './rows.ts';

/** The raw values of a row as the bundle keeps it; NaN where a value is missing. Undefined if they do not fit the columns. */
export function toRawRow(data: Data, values: readonly RecordValue[]): Float32Array | undefined {
  const columns = tableColumns(data);
  if (columns.length === 0) return Float32Array.from(values, Number);
  const raw = new Float32Array(columns.length);
  return parseRecord(columns, values, raw).length === 0 ? raw : undefined;
}

/** A value of a row as text, as the data has it: a category even if the model does not know it. */
export function formatKept(data: Data, j: number, value: RecordValue): string {
  if (typeof value === 'string') return tableColumns(data)[j]?.kind === 'date' ? readableDate(value) : value;
  if (typeof value === 'boolean') return formatValue(data, j, Number(value));
  if (value === null) return 'missing';
  return tableColumns(data).length > 0 ? String(value) : formatValue(data, j, value);
}

/** Whether two raw values differ by more than a deviation, or `deviations`; for flags and categories, at all. */
export function differ({ scaling }: Data, j: number, a: number, b: number, deviations = 1): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) !== Number.isNaN(b);
  switch (scaling.kind) {
    case 'range':
      return Math.abs(a - b) > (deviations * (scaling.high - scaling.low)) / 4;
    case 'standard':
      return Math.abs(a - b) > deviations * scaling.deviation[j]!;
    case 'columns': {
      const column = scaling.columns[j]!;
      return column.kind === 'flag' || column.kind === 'category'
        ? a !== b
        : Math.abs(a - b) > deviations * column.scale;
    }
  }
}

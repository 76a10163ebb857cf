import { parseRecord } from '../../bundle/column-parsing.ts';
import { tableColumns } from '../../bundle/kind.ts';
import type { RecordValue } from '../../bundle/record.ts';
import type { Reason } from '../../bundle/rows-schema.ts';
import { readableDate } from '../common/format.ts';
import { type Data, featureName, formatExpected, formatValue } from './rows.ts';

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

/** A reason in words: `vibration 7.2, expected 2.1`; the name alone if values are not kept. */
export function describeReason(
  data: Data,
  values: readonly RecordValue[] | undefined,
  { index, expected }: Pick<Reason, 'index' | 'expected'>,
): string {
  const name = featureName(data, index);
  const wanted = formatExpected(data, index, expected);
  const value = values && ` ${formatKept(data, index, values[index]!)}`;
  return wanted === '—' ? `${name}${value ?? ''}` : `${name}${value ?? ''}, expected ${wanted}`;
}

/** Whether two raw values differ by more than a deviation; for flags and categories, at all. */
export function differ({ scaling }: Data, j: number, a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) !== Number.isNaN(b);
  switch (scaling.kind) {
    case 'range':
      return Math.abs(a - b) > (scaling.high - scaling.low) / 4;
    case 'standard':
      return Math.abs(a - b) > scaling.deviation[j]!;
    case 'columns': {
      const column = scaling.columns[j]!;
      return column.kind === 'flag' || column.kind === 'category' ? a !== b : Math.abs(a - b) > column.scale;
    }
  }
}

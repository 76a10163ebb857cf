import type { ColumnSource } from 'hyparquet-writer';
import { quoteCsv } from '../../bundle/csv.ts';
import { type DatePrecision, formatDate } from '../../bundle/date-format.ts';
import type { MetadataColumn } from '../../bundle/map-table.ts';
import type { Column } from './columns.ts';
import type { Points } from './dataset.ts';
import type { PlainMap } from './plain-map.ts';

/** A column of an exported file. */
export interface ExportColumn {
  name: string;
  type: 'INT32' | 'DOUBLE' | 'STRING';
  valueAt: (index: number) => number | string | null;
}

/** The columns of a file of points: its place in the map, its row, its place, and every column that can be shown. */
export const exportPoints = (
  { id, x, y }: Pick<Points, 'id' | 'x' | 'y'>,
  columns: readonly Column[],
): ExportColumn[] => [
  { name: 'point', type: 'INT32', valueAt: (i) => i },
  { name: 'row', type: 'INT32', valueAt: (i) => id[i]! },
  ...exportPlaces({ x, y }),
  ...columns.map(
    (column): ExportColumn =>
      column.kind === 'number'
        ? exportNumbers(column.key, column)
        : { name: column.key, type: 'STRING', valueAt: (i) => column.categories[column.codes[i]!] ?? null },
  ),
];

/** The columns of a file of rows of a map without a model: the row, unless the data has a column of that name, its place, and what is known about it. */
export const exportRows = ({ points, metadata }: Pick<PlainMap, 'points' | 'metadata'>): ExportColumn[] => [
  ...(metadata.some(({ name }) => name === 'row')
    ? []
    : [{ name: 'row', type: 'INT32', valueAt: (i: number) => i } as const]),
  ...exportPlaces(points),
  ...metadata.map(exportMetadata),
];

const exportPlaces = ({ x, y }: Pick<Points, 'x' | 'y'>): ExportColumn[] => [
  { name: 'x', type: 'DOUBLE', valueAt: (i) => x[i]! },
  { name: 'y', type: 'DOUBLE', valueAt: (i) => y[i]! },
];

function exportMetadata(column: MetadataColumn): ExportColumn {
  const { name } = column;
  switch (column.kind) {
    case 'category':
      return { name, type: 'STRING', valueAt: (i) => column.names[column.codes[i]!] ?? null };
    case 'number':
      return exportNumbers(name, column);
    case 'text':
      return { name, type: 'STRING', valueAt: (i) => column.texts[i]! };
  }
}

/** Numbers, or dates as ISO 8601. */
const exportNumbers = (
  name: string,
  { values, dates }: { values: Float64Array; dates?: DatePrecision | undefined },
): ExportColumn =>
  dates
    ? { name, type: 'STRING', valueAt: (i) => formatDate(values[i]!, dates) ?? null }
    : { name, type: 'DOUBLE', valueAt: (i) => numberOrNull(values[i]!) };

const numberOrNull = (value: number) => (Number.isNaN(value) ? null : value);

/** Points as CSV (RFC 4180), a missing value as an empty field. */
export function toCsv(columns: readonly ExportColumn[], indices: readonly number[]): string {
  const lines = [
    columns.map(({ name }) => quoteCsv(name)),
    ...indices.map((index) => columns.map(({ valueAt }) => quoteCsv(String(valueAt(index) ?? '')))),
  ];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}

/** Points as a Parquet file. Its writer is loaded only now. */
export async function toParquet(
  columns: readonly ExportColumn[],
  indices: readonly number[],
): Promise<ArrayBuffer> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  return parquetWriteBuffer({
    columnData: columns.map(
      ({ name, type, valueAt }): ColumnSource => ({ name, type, data: indices.map(valueAt), nullable: true }),
    ),
  });
}

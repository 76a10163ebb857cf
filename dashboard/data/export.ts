import type { ColumnSource } from 'hyparquet-writer';
import { quoteCsv } from '../../bundle/csv.ts';
import type { Column } from './columns.ts';
import type { Points } from './dataset.ts';

/** A column of an exported file. */
interface ExportColumn {
  name: string;
  type: 'INT32' | 'DOUBLE' | 'STRING';
  valueAt: (index: number) => number | string | null;
}

/** The columns of a file of points: its place in the map, its row, its place, and every column that can be shown. */
const listColumns = (
  { id, x, y }: Pick<Points, 'id' | 'x' | 'y'>,
  columns: readonly Column[],
): ExportColumn[] => [
  { name: 'point', type: 'INT32', valueAt: (i) => i },
  { name: 'row', type: 'INT32', valueAt: (i) => id[i]! },
  { name: 'x', type: 'DOUBLE', valueAt: (i) => x[i]! },
  { name: 'y', type: 'DOUBLE', valueAt: (i) => y[i]! },
  ...columns.map(
    (column): ExportColumn =>
      column.kind === 'number'
        ? {
            name: column.key,
            type: 'DOUBLE',
            valueAt: (i) => (Number.isNaN(column.values[i]!) ? null : column.values[i]!),
          }
        : { name: column.key, type: 'STRING', valueAt: (i) => column.categories[column.codes[i]!] ?? null },
  ),
];

/** Points as CSV (RFC 4180), a missing value as an empty field. */
export function pointsToCsv(
  points: Pick<Points, 'id' | 'x' | 'y'>,
  columns: readonly Column[],
  indices: readonly number[],
): string {
  const listed = listColumns(points, columns);
  const lines = [
    listed.map(({ name }) => quoteCsv(name)),
    ...indices.map((index) => listed.map(({ valueAt }) => quoteCsv(String(valueAt(index) ?? '')))),
  ];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}

/** Points as a Parquet file. Its writer is loaded only now. */
export async function pointsToParquet(
  points: Pick<Points, 'id' | 'x' | 'y'>,
  columns: readonly Column[],
  indices: readonly number[],
): Promise<ArrayBuffer> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  return parquetWriteBuffer({
    columnData: listColumns(points, columns).map(
      ({ name, type, valueAt }): ColumnSource => ({ name, type, data: indices.map(valueAt), nullable: true }),
    ),
  });
}

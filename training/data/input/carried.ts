import type { Cell } from '../../../bundle/tables/cell.ts';
import { isTable } from '../../../bundle/tables/formats.ts';
import { type CarriedColumn, describeCarried, readCarried } from '../../../bundle/tables/model-rows.ts';
import type { Table } from '../../../bundle/tables/table.ts';
import { plural } from '../../console/plural.ts';
import { DataError } from '../datasets/error.ts';
import { openTable } from '../readers/open-table.ts';

/** A column that comes along with vectors, with a value for each. */
export interface Carried {
  readonly column: Pick<CarriedColumn, 'name' | 'type'>;
  readonly cells: Cell[];
}

/** Reads columns of a table that come along with its vectors. */
export async function readCarriedColumns(table: Table, names: readonly string[]): Promise<Carried[]> {
  const carried = describeCarried(table, names, 'is carried along').map((column) => ({
    column,
    cells: [] as Cell[],
  }));
  for await (const { count, cells } of table.read(carried.map(({ column }) => column.column))) {
    for (const [k, { column, cells: kept }] of carried.entries()) {
      for (let i = 0; i < count; i++) kept.push(readCarried(column, cells[k]!, i));
    }
  }
  return carried;
}

/**
 * Reads the columns of a table that has a row for each of the n vectors in a file, in their order. Throws a
 * {@link DataError} if it has not, or names a column as the file does.
 */
export async function readMetadata(
  path: string,
  file: string,
  { n, carried }: { n: number; carried: readonly Carried[] },
): Promise<Carried[]> {
  if (!isTable(path)) {
    throw new DataError(
      `${path} is not supported as --metadata: expected a table (.csv, .tsv, .parquet, .json, .ndjson)`,
    );
  }
  await using table = await openTable(path);
  const names = table.columns.map(({ name }) => name);
  const taken = names.find((name) => carried.some(({ column }) => column.name === name));
  if (taken !== undefined) {
    throw new DataError(`${path} and ${file} both have a column ${taken}: rename one of them`);
  }
  const columns = await readCarriedColumns(table, names);
  const rows = columns[0]?.cells.length ?? 0;
  if (rows === n) return columns;
  throw new DataError(
    `${path} has ${plural(rows, 'row')}, ${file} ${n}: expected a row for each vector, in the same order`,
  );
}

import { isMissing } from '../../../bundle/column-parsing.ts';
import { DataError } from '../datasets/error.ts';
import type { Table } from '../readers/duckdb.ts';
import type { FileColumn } from '../readers/file-column.ts';
import { type ColumnKind, dateSql, finiteSql, flagSql, isMissingSql } from './sql.ts';

/** Longest text of a value in a message. */
const SHOWN = 40;

const show = (value: string) => JSON.stringify(value.slice(0, SHOWN));

const EXPECTED = {
  number: 'a finite number of at most 3.4e38 in size',
  date: 'a date, such as 2024-05-31 or 2024-05-31T16:30:00',
  flag: 'true or false, yes or no, t or f, y or n, 1 or 0, the same two throughout',
} as const;

/** The error for a column's value, in a row counted from 0, that does not fit the column's kind. */
export async function invalidValueError(
  table: Table,
  row: number,
  column: FileColumn,
  expected: string,
): Promise<DataError> {
  const text = await table.readText(row, column);
  const shown = isMissing(text) ? text : show(text);
  return new DataError(
    `${table.path}: row ${row + 1} (counted from 1, without the header), column ${column.name}: ${shown}, expected ${expected}, or nothing if it is missing`,
  );
}

/** The error for a column in which `strays` values do not fit its kind: it shows the first one. */
export async function strayValueError(
  table: Table,
  column: FileColumn,
  kind: Exclude<ColumnKind, 'category'>,
  strays: number,
): Promise<DataError> {
  const valid = { number: finiteSql(column), date: dateSql(column), flag: flagSql(column, ['0', '1']) }[kind];
  const [found] = await table.query(
    `SELECT row, value FROM (SELECT row_number() OVER () AS row, ${column.text} AS value, ${valid} AS valid ` +
      `FROM ${table.source}) WHERE valid IS NULL AND NOT ${isMissingSql('value')} LIMIT 1`,
  );
  const { name } = column;
  const [row, value] = found ?? ['?', '?'];
  const more = strays > 1 ? ` (the first of ${strays} such values)` : '';
  return new DataError(
    `${table.path}: row ${row} (counted from 1, without the header), column ${name}: ${show(String(value))}${more}, expected ${EXPECTED[kind]}, ` +
      `or nothing or NA if it is missing; if the column is of another kind, say so: --types ${name}=category`,
  );
}

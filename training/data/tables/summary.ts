import type { JS } from '@duckdb/node-api';
import type { Table } from '../readers/duckdb.ts';
import type { FileColumn } from '../readers/file-column.ts';
import {
  type ColumnKind,
  dateSql,
  finiteSql,
  flagSql,
  isMissingSql,
  looksNumericSql,
  presentSql,
} from './sql.ts';

/** A column and the kind that it is expected to have. */
interface ExpectedColumn {
  readonly column: FileColumn;
  readonly kind: ColumnKind;
  readonly words: readonly [string, string] | undefined;
}

/** What all rows say about a column. */
export interface Summary {
  /** Number of values that are not missing. */
  readonly values: number;
  readonly constant: boolean;
  /** Number of values that do not fit each kind. */
  readonly strays: Readonly<Record<Exclude<ColumnKind, 'category'>, number>>;
  /** Number of values that are not written as a number, not even as one that is too large. */
  readonly words: number;
  /** The day, counted from 1970-01-01, in the middle of a date column. */
  readonly origin: number;
}

/** Most columns in one query: more would need more memory than DuckDB has. */
const AT_ONCE = 128;

/** Summarises each column over all rows. */
export async function summariseColumns(table: Table, columns: readonly ExpectedColumn[]): Promise<Summary[]> {
  const found: Summary[] = [];
  for (let first = 0; first < columns.length; first += AT_ONCE) {
    const part = columns.slice(first, first + AT_ONCE);
    const [row] = await table.query(summarySql(table.source, part));
    for (const [i, { kind }] of part.entries()) {
      found.push(parseSummary(kind, row.slice(FIELDS * i, FIELDS * (i + 1))));
    }
  }
  return found;
}

/** Number of fields that a column has in the result of {@link summarySql}. */
const FIELDS = 8;

/** One row: for each column the values, whether they are equal, the strays of each sort, the first and the last day. */
function summarySql(source: string, columns: readonly ExpectedColumn[]): string {
  const inner: string[] = [];
  const outer: string[] = [];
  for (const [i, expected] of columns.entries()) {
    const codes = Object.entries(validitySql(expected));
    inner.push(`${valueSql(expected)} AS v${i}`, ...codes.map(([name, sql]) => `${sql} AS ${name}${i}`));
    outer.push(
      `count(v${i})`,
      `min(v${i}) = max(v${i})`,
      ...codes.map(([name]) => `count_if(${name}${i} = 2)`),
      expected.kind === 'date' ? `epoch(min(v${i})) / 86400, epoch(max(v${i})) / 86400` : '0, 0',
    );
  }
  return `SELECT ${outer.join(', ')} FROM (SELECT ${inner.join(', ')} FROM ${source})`;
}

/** SQL for a column's values, NULL where one is missing or does not fit the kind. */
function valueSql({ column, kind }: ExpectedColumn): string {
  if (kind === 'number') return finiteSql(column);
  return kind === 'date' ? dateSql(column) : presentSql(column.text);
}

/** SQL that is 0 where a value is valid for a kind, 1 where it is missing, else 2. */
function validitySql({ column, kind, words }: ExpectedColumn) {
  const { text } = column;
  const code = (valid: string) => `CASE WHEN ${valid} THEN 0 WHEN ${isMissingSql(text)} THEN 1 ELSE 2 END`;
  const finite = `${finiteSql(column)} IS NOT NULL`;
  // A column that turns out not to have flags may still have numbers.
  const numeric = kind === 'number' || kind === 'flag';
  return {
    number: numeric ? code(finite) : '2',
    words: numeric ? code(`${finite} OR ${looksNumericSql(text)}`) : '2',
    date: kind === 'date' ? code(`${dateSql(column)} IS NOT NULL`) : '2',
    flag: kind === 'flag' ? code(`${flagSql(column, words ?? ['0', '1'])} IS NOT NULL`) : '2',
  };
}

function parseSummary(kind: ColumnKind, fields: readonly JS[]): Summary {
  const [values, constant, number, words, date, flag, first, last] = fields;
  const strays = { number: Number(number), date: Number(date), flag: Number(flag) };
  // The values of a flag or a category are its texts, whatever they are.
  const invalid = kind === 'category' || kind === 'flag' ? 0 : strays[kind];
  return {
    values: Number(values) + invalid,
    constant: constant === true && invalid === 0,
    strays,
    words: Number(words),
    origin: Math.floor((Number(first) + Number(last)) / 2),
  };
}

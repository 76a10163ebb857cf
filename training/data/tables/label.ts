import type { Configuration } from '../../config/schema.ts';
import { DataError } from '../datasets/error.ts';
import type { Table } from '../readers/duckdb.ts';
import type { FileColumn } from '../readers/file-column.ts';
import { quoteText } from '../readers/sql.ts';
import { nameOthers, normaliseNumber, orderClasses } from './label-classes.ts';
import { isMissingSql } from './sql.ts';

/** A column that the model does not see, and why. */
export interface ExcludedColumn {
  readonly name: string;
  readonly why: string;
}

/** The column that says what is anomalous. The model never sees it. */
export interface Label {
  readonly name: string;
  /** SQL that is 1 where a row is anomalous, else 0. */
  readonly sql: string;
  /** What the column calls normal and anomalous rows. */
  readonly classes: readonly [string, string];
}

/** Names that make a column a label, the most likely first. */
const NAMES = [
  'label',
  'is_anomaly',
  'anomaly',
  'anomalous',
  'is_outlier',
  'outlier',
  'is_fraud',
  'fraud',
  'fault',
  'failure',
  'defect',
  'attack',
  'intrusion',
  'target',
  'class',
];

/** Why a column is not a label. */
interface Refusal {
  readonly why: string;
  /** Whether it is binary, and only the meaning of its values is unknown. */
  readonly binary?: true;
}

/**
 * Finds the label: the column that --label names, or the first one with the name of a label and two values. The other
 * columns with such a name are excluded. Throws a {@link DataError} if the column that --label names is not binary.
 */
export async function findLabel(
  table: Table,
  { label: given, anomalous, exclude = [], types = {} }: Configuration,
): Promise<{ label: Label | undefined; excluded: ExcludedColumn[] }> {
  const excluded: ExcludedColumn[] = [];
  let label = given === undefined ? undefined : await readGivenLabel(table, given, anomalous);
  const named = table.columns
    .filter(({ name }) => NAMES.includes(name.toLowerCase()) && !exclude.includes(name) && !types[name])
    .sort((a, b) => NAMES.indexOf(a.name.toLowerCase()) - NAMES.indexOf(b.name.toLowerCase()));
  for (const column of named.filter(({ name }) => name !== given)) {
    const found = await readLabel(table, column, anomalous);
    if (!('why' in found) && !label) label = found;
    // In many tables of goods and animals, the class is a column like any other.
    else if (!('why' in found) || column.name.toLowerCase() !== 'class') {
      const why = 'why' in found ? `, but ${found.why}` : '';
      excluded.push({ name: column.name, why: `a label by its name${why}` });
    }
  }
  if (anomalous !== undefined && !label) {
    throw new DataError(
      `${table.path}: --anomalous ${anomalous} is given, but no column is a label: --label names it`,
    );
  }
  return { label, excluded };
}

async function readGivenLabel(table: Table, name: string, anomalous: string | undefined): Promise<Label> {
  const column = table.columns.find((column) => column.name === name);
  const found = column ? await readLabel(table, column, anomalous) : { why: 'it cannot be read' };
  if (!('why' in found)) return found;
  const subject = `${table.path}: the label column ${name}`;
  throw new DataError(
    found.binary
      ? `${subject}: ${found.why}`
      : `${subject} is not binary: ${found.why}; expected two values, such as 0 and 1, in every row, or with --anomalous VALUE that value, all others being normal`,
  );
}

/** Reads the values of a column as a label, or says why it is not one. */
async function readLabel(
  table: Table,
  column: FileColumn,
  anomalous: string | undefined,
): Promise<Label | Refusal> {
  const { name, text, type } = column;
  const value = type === 'number' ? `CAST(TRY_CAST(${text} AS DOUBLE) AS VARCHAR)` : `trim(${text})`;
  const known = `CASE WHEN ${isMissingSql(text)} THEN NULL ELSE ${value} END`;
  const found = await table.query(
    `SELECT ${known} AS v FROM ${table.source} WHERE NOT ${isMissingSql(text)} GROUP BY v ORDER BY v LIMIT 4`,
  );
  const values = found.map(([v]) => String(v));
  const shown = values
    .slice(0, 3)
    .map((v) => JSON.stringify(normaliseNumber(v)))
    .join(', ');
  const makeLabel = (normal: string, word: string): Label => ({
    name,
    sql: `CAST(${value} = ${quoteText(word)} AS FLOAT)`,
    classes: [normal, normaliseNumber(word)],
  });
  if (values.length > 2 && anomalous === undefined) {
    return { why: `it has values ${shown}${values.length > 3 ? ' and others' : ''}` };
  }
  const missing = await describeMissing(table, known);
  if (missing) return { why: missing };
  if (values.length > 2) {
    const word = await findValue(table, value, anomalous!);
    if (word === undefined) {
      return { why: `none of its values is --anomalous ${anomalous}: it has ${shown} and others` };
    }
    return makeLabel(nameOthers(normaliseNumber(word)), word);
  }
  if (values.length < 2) return { why: `all its values are ${shown}` };
  const pair = orderClasses(values, anomalous);
  if (pair) return makeLabel(normaliseNumber(pair[0]), pair[1]);
  return anomalous === undefined
    ? {
        why: `it does not say which of ${shown} is anomalous: --anomalous VALUE says it`,
        binary: true,
      }
    : { why: `its values are ${shown}, not --anomalous ${anomalous}` };
}

/** Describes the rows in which a value is NULL; undefined if there are none. */
async function describeMissing(table: Table, sql: string): Promise<string | undefined> {
  const [[count, first]] = await table.query(
    `SELECT count(*), min(row) FROM (SELECT row_number() OVER () AS row, ${sql} AS v FROM ${table.source}) WHERE v IS NULL`,
  );
  if (Number(count) === 0) return undefined;
  const others = Number(count) > 1 ? ` and ${Number(count) - 1} more` : '';
  return `it is missing in row ${first} (counted from 1, without the header)${others}`;
}

/** Finds the value that is `wanted`, whatever its case, as the table writes it. */
async function findValue(table: Table, value: string, wanted: string): Promise<string | undefined> {
  const word = wanted.trim().toLowerCase();
  const [found] = await table.query(
    `SELECT ${value} FROM ${table.source} WHERE lower(${value}) IN (${quoteText(word)}, ${quoteText(`${word}.0`)}) LIMIT 1`,
  );
  return found && String(found[0]);
}

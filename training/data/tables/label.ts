import type { Configuration } from '../../config/schema.ts';
import { DataError } from '../datasets/error.ts';
import { type FileColumn, literal, missingSql, type Table } from '../readers/duckdb.ts';

/** The column that says what is anomalous: never seen by the model. */
export interface Label {
  readonly name: string;
  /** 1 where a row is anomalous, else 0, in SQL. */
  readonly sql: string;
  /** What the column calls the two: normal, anomalous. */
  readonly classes: readonly [string, string];
}

/** Columns that are labels by their name, the likeliest first. */
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

/** Words for the two, in lower case. */
const ANOMALOUS = [
  '1',
  'true',
  'yes',
  'y',
  't',
  'anomaly',
  'anomalous',
  'abnormal',
  'outlier',
  'o',
  'fraud',
  'fraudulent',
  'attack',
  'malicious',
  'bad',
  'faulty',
  'defect',
  'positive',
];
const NORMAL = [
  '0',
  'false',
  'no',
  'n',
  'f',
  'normal',
  'inlier',
  'i',
  'legitimate',
  'genuine',
  'benign',
  'good',
  'fine',
  'ok',
  'negative',
];

const UNSAID = 'it does not say which of';

/** What the class of all other values is called where one value of many is anomalous. */
export const othersThan = (value: string): string => `not ${value}`;

/**
 * The label that --label names, or the first column that is one by its name and has two values, and the other
 * columns that are labels by their names. Throws a {@link DataError} if the column that --label names is not binary.
 */
export async function labelOf(
  table: Table,
  { label: given, anomalous, exclude = [], types = {} }: Configuration,
): Promise<{ label: Label | undefined; excluded: { name: string; why: string }[] }> {
  const named = table.columns
    .filter(({ name }) => NAMES.includes(name.toLowerCase()) && !exclude.includes(name) && !types[name])
    .sort((a, b) => NAMES.indexOf(a.name.toLowerCase()) - NAMES.indexOf(b.name.toLowerCase()));
  const excluded: { name: string; why: string }[] = [];
  let label: Label | undefined;
  if (given !== undefined) {
    const column = table.columns.find(({ name }) => name === given);
    const found = column ? await binary(table, column, anomalous) : 'it cannot be read';
    if (typeof found === 'string') {
      const unsaid = found.startsWith(UNSAID);
      throw new DataError(
        unsaid
          ? `${table.path}: the label column ${given}: ${found}`
          : `${table.path}: the label column ${given} is not binary: ${found}; expected two values, such as 0 and 1, in every row, or with --anomalous VALUE that value, all others being normal`,
      );
    }
    label = found;
  }
  for (const column of named.filter(({ name }) => name !== given)) {
    const found = await binary(table, column, anomalous);
    if (typeof found !== 'string' && !label) label = found;
    // Many tables of goods and animals have a class that is a column like any other.
    else if (typeof found !== 'string' || column.name.toLowerCase() !== 'class') {
      const why = typeof found === 'string' ? `, but ${found}` : '';
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

/** The label that a column makes, or why it is none. */
async function binary(
  table: Table,
  column: FileColumn,
  anomalous: string | undefined,
): Promise<Label | string> {
  const { name, text, type } = column;
  const value = type === 'number' ? `CAST(TRY_CAST(${text} AS DOUBLE) AS VARCHAR)` : `trim(${text})`;
  const known = `CASE WHEN ${missingSql(text)} THEN NULL ELSE ${value} END`;
  const found = await table.query(
    `SELECT ${known} AS v FROM ${table.source} WHERE NOT ${missingSql(text)} GROUP BY v ORDER BY v LIMIT 4`,
  );
  const values = found.map(([v]) => String(v));
  const shown = values
    .slice(0, 3)
    .map((v) => JSON.stringify(plain(v)))
    .join(', ');
  const is = (word: string) => `CAST(${value} = ${literal(word)} AS FLOAT)`;
  if (values.length > 2 && anomalous === undefined) {
    return `it has values ${shown}${values.length > 3 ? ' and others' : ''}`;
  }
  const [missing] = await table.query(
    `SELECT count(*), min(row) FROM (SELECT row_number() OVER () AS row, ${known} AS v FROM ${table.source}) WHERE v IS NULL`,
  );
  if (Number(missing[0]) > 0) {
    const others = Number(missing[0]) > 1 ? ` and ${Number(missing[0]) - 1} more` : '';
    return `it is missing in row ${missing[1]} (counted from 1, without the header)${others}`;
  }
  if (values.length > 2) {
    const wanted = anomalous!.trim().toLowerCase();
    const [one] = await table.query(
      `SELECT ${value} FROM ${table.source} WHERE lower(${value}) IN (${literal(wanted)}, ${literal(`${wanted}.0`)}) LIMIT 1`,
    );
    if (!one) return `none of its values is --anomalous ${anomalous}: it has ${shown} and others`;
    const word = String(one[0]);
    return { name, sql: is(word), classes: [othersThan(plain(word)), plain(word)] };
  }
  if (values.length < 2) return `all its values are ${shown}`;
  const pair = ordered(values, anomalous);
  if (!pair) {
    return anomalous === undefined
      ? `${UNSAID} ${shown} is anomalous: --anomalous VALUE says it`
      : `its values are ${shown}, not --anomalous ${anomalous}`;
  }
  const [low, high] = pair;
  return { name, sql: is(high), classes: [plain(low), plain(high)] };
}

/** Two values, the anomalous one last, if it can be told. Scikit-learn's detectors call an outlier −1, an inlier 1. */
export function ordered(
  [a, b]: readonly string[],
  anomalous: string | undefined,
): [string, string] | undefined {
  const [first, second] = [plain(a).toLowerCase(), plain(b).toLowerCase()];
  const last = (is: (word: string) => boolean): [string, string] | undefined =>
    is(first) === is(second) ? undefined : is(first) ? [b, a] : [a, b];
  if (anomalous !== undefined) return last((word) => word === anomalous.trim().toLowerCase());
  if ([first, second].includes('-1') && [first, second].includes('1')) return last((word) => word === '-1');
  const known = [first, second].some((word) => NORMAL.includes(word));
  return known ? last((word) => ANOMALOUS.includes(word)) : undefined;
}

/** 1.0 is 1. */
export const plain = (value: string) => (/^-?\d+\.0$/.test(value) ? value.slice(0, -2) : value);

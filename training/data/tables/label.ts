import { FLAG_WORDS } from '../../../bundle/column-parsing.ts';
import type { Configuration } from '../../config/schema.ts';
import { quoteWord } from '../../console/shell.ts';
import { DataError } from '../datasets/error.ts';
import type { Table } from '../readers/duckdb.ts';
import type { FileColumn } from '../readers/file-column.ts';
import { quoteText } from '../readers/sql.ts';
import { isMajority, nameOthers, normaliseNumber, orderClasses } from './label-classes.ts';
import { type ColumnKind, isMissingSql, NUMBER } from './sql.ts';

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
  /** Its values, if there are two. */
  readonly pair: readonly [Counted, Counted] | undefined;
}

/** Names that make a column a label if it is known which of its two values is anomalous, the most likely first. */
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

/** Names that a label may have as well as a feature: a column with two values is asked about. */
const PERHAPS =
  /^((is|has|true|binary|machine)_)?(labels?|class(es)?|targets?|outcome|diagnosis|ground_truth|truth|y|anomal(y|ies|ous)|abnormal|novelty|outliers?|inliers?|normal|fraud(ulent)?|faults?|faulty|failures?|failed|defects?|defective|attacks?|intrusion|malicious|malware)(_(labels?|flag|class|target|true))?$/;

const isUsual = (name: string): boolean => NAMES.includes(name.toLowerCase());

/** A name in words with underscores: `isFraud` and `Is Fraud` are is_fraud. */
const toWords = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_')
    .replace(/^_|_$/g, '');

/** A value of a label, and the number of rows that have it. */
interface Counted {
  readonly value: string;
  /** As the table writes it: 1.0 where `value` is 1. */
  readonly text: string;
  readonly rows: number;
}

/** Why a column is not a label. */
interface Refusal {
  readonly why: string;
  /** Its values, if there are two. */
  readonly pair?: readonly [Counted, Counted];
  /** Whether every row has one of the two, and only their meaning is unknown. */
  readonly binary?: true;
}

/** A column with two values that may be the label or a feature. */
export interface UnclearColumn {
  readonly name: string;
  /** The kind that it has as a feature. */
  readonly kind: ColumnKind;
  /** Its values, the more frequent one first. */
  readonly pair: readonly [Counted, Counted];
  /** Whether it can be the label: every row has a value, and there is no other label. */
  readonly possible: boolean;
}

/** Columns are, by their names, either labels or features, and only the user knows which. */
export class LabelQuestion extends DataError {
  /** The options that leave these columns out, the first one as the label if it can be: its rarer value is anomalous. */
  readonly answer: Pick<Configuration, 'label' | 'anomalous' | 'exclude'>;

  constructor(path: string, columns: readonly UnclearColumn[]) {
    super(`${path}: ${columns.map(describeUnclear).join('; ')}`);
    const label = columns.find(({ possible, pair: [usual, rare] }) => possible && rare.rows < usual.rows);
    this.answer = {
      ...(label && { label: label.name, anomalous: label.pair[1].value }),
      exclude: columns.filter((column) => column !== label).map(({ name }) => name),
    };
  }
}

function describeUnclear({ name, kind, pair, possible }: UnclearColumn): string {
  const [usual, rare] = pair.map(({ value, rows }) => `${JSON.stringify(value)} (${rows} rows)`);
  const [word, value] = [name, pair[1].value].map(quoteWord);
  const label = possible ? `--label ${word} --anomalous ${value} if it does, ` : '';
  return (
    `column ${name} has two values, ${usual} and ${rare}, and its name suggests that it marks the anomalies: ` +
    `use ${label}--exclude ${word} to leave it out, or --types ${word}=${kind} to train on it`
  );
}

/**
 * Finds the label: the column that --label names, or the first one with the name of a label and two values of which it
 * is known which one is anomalous. The other columns with such a name are excluded. Throws a {@link DataError} if the
 * column that --label names is not binary, and a {@link LabelQuestion} if a column may be a label or a feature.
 */
export async function findLabel(
  table: Table,
  { label: given, anomalous, exclude = [], types = {} }: Configuration,
): Promise<{ label: Label | undefined; excluded: ExcludedColumn[] }> {
  let label = given === undefined ? undefined : await readGivenLabel(table, given, anomalous);
  const rank = (name: string) => (isUsual(name) ? NAMES.indexOf(name.toLowerCase()) : NAMES.length);
  const named = table.columns
    .filter(({ name }) => name !== given && !exclude.includes(name) && !types[name])
    .filter(({ name }) => isUsual(name) || PERHAPS.test(toWords(name)))
    .sort((a, b) => rank(a.name) - rank(b.name));
  const readings: { column: FileColumn; found: Label | Refusal }[] = [];
  for (const column of named) {
    readings.push({ column, found: await readLabel(table, column, anomalous) });
  }
  for (const { column, found } of label ? [] : readings) {
    if ('why' in found) continue;
    if (!isUsual(column.name) && (anomalous === undefined || !found.pair)) continue;
    label = found;
    break;
  }
  if (anomalous !== undefined && !label) {
    throw new DataError(
      `${table.path}: --anomalous ${anomalous} is given, but no column is a label: --label names it`,
    );
  }
  const excluded: ExcludedColumn[] = [];
  const unclear: UnclearColumn[] = [];
  for (const { column, found } of readings) {
    if (found === label) continue;
    const { name } = column;
    const refusal = 'why' in found ? found : undefined;
    const unknown = refusal?.binary === true && !label;
    // In many tables of goods and animals, the class is a column like any other.
    if (isUsual(name) && !unknown && !(refusal && name.toLowerCase() === 'class')) {
      excluded.push({ name, why: `a label by its name${refusal ? `, but ${refusal.why}` : ''}` });
    } else if (found.pair && !found.pair.some(({ value }) => isFraction(value))) {
      const possible = !label && (!refusal || unknown);
      unclear.push({ name, kind: kindOfPair(column, found.pair), pair: sortByRows(found.pair), possible });
    }
  }
  if (unclear.length > 0) throw new LabelQuestion(table.path, unclear);
  return { label, excluded };
}

const isFraction = (value: string): boolean => NUMBER.test(value) && !Number.isInteger(Number(value));

const sortByRows = ([a, b]: UnclearColumn['pair']): UnclearColumn['pair'] =>
  b.rows > a.rows ? [b, a] : [a, b];

/** The kind of a feature with two values. */
function kindOfPair({ type }: FileColumn, pair: UnclearColumn['pair']): ColumnKind {
  const words = pair.map(({ value, text }) => (type === 'number' ? value : text).toLowerCase());
  if (FLAG_WORDS.some((flags) => words.every((word) => flags.includes(word)))) return 'flag';
  return type === 'number' || words.every((word) => NUMBER.test(word)) ? 'number' : 'category';
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
    `SELECT ${known} AS v, count(*) FROM ${table.source} WHERE NOT ${isMissingSql(text)} GROUP BY v ORDER BY v LIMIT 4`,
  );
  const values = found.map(([v]) => String(v));
  const shown = values
    .slice(0, 3)
    .map((v) => JSON.stringify(normaliseNumber(v)))
    .join(', ');
  const counted = found.map(([v, rows]) => {
    const text = String(v);
    return { value: normaliseNumber(text), text, rows: Number(rows) };
  });
  const pair = counted.length === 2 ? ([counted[0], counted[1]] as const) : undefined;
  const makeLabel = (normal: string, word: string): Label => ({
    name,
    sql: `CAST(${value} = ${quoteText(word)} AS FLOAT)`,
    classes: [normal, normaliseNumber(word)],
    pair,
  });
  if (values.length > 2 && anomalous === undefined) {
    return { why: `it has values ${shown}${values.length > 3 ? ' and others' : ''}` };
  }
  const missing = await describeMissing(table, known);
  if (missing) return { why: missing, pair };
  if (values.length > 2) {
    const word = await findValue(table, value, anomalous!);
    if (word === undefined) {
      return { why: `none of its values is --anomalous ${anomalous}: it has ${shown} and others` };
    }
    return makeLabel(nameOthers(normaliseNumber(word)), word);
  }
  if (values.length < 2) return { why: `all its values are ${shown}` };
  const ordered = orderClasses(values, anomalous);
  if (anomalous !== undefined && !ordered) {
    return { why: `its values are ${shown}, not --anomalous ${anomalous}`, pair };
  }
  const most = ordered && pair && anomalous === undefined && describeMajority(ordered, pair);
  if (ordered && !most) return makeLabel(normaliseNumber(ordered[0]), ordered[1]);
  const why = most
    ? `${most}: name the anomalous value with --anomalous VALUE`
    : `it is unknown which of ${shown} is anomalous: name it with --anomalous VALUE`;
  return { why, pair, binary: true };
}

/** Says so if most rows have the second value, which would be the anomalous one. */
function describeMajority(
  [, word]: readonly [string, string],
  pair: readonly [Counted, Counted],
): string | undefined {
  const count = pair[0].rows + pair[1].rows;
  const { value, rows } = pair.find(({ text }) => text === word)!;
  return isMajority(rows, count)
    ? `${JSON.stringify(value)} would be anomalous, but ${rows} of ${count} rows have it`
    : undefined;
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

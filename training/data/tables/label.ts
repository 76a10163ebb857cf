import type { RecordValue } from '../../../bundle/record.ts';
import type { FileColumn, Table } from '../../../bundle/tables/table.ts';
import type { Configuration } from '../../config/schema.ts';
import { showText, showWord } from '../../console/shell.ts';
import { DataError } from '../datasets/error.ts';
import {
  findSpellings,
  isMajority,
  nameOthers,
  orderClasses,
  tellClasses,
  tellNormal,
} from './label-classes.ts';
import { isKindName, isLabelName, rankLabelName } from './label-names.ts';
import { LabelQuestion, toUnclear, type UnclearColumn } from './label-question.ts';
import { type Counted, countValues, foldCase, type LabelValues, labelText } from './label-values.ts';

/** A column that the model does not see, and why. */
export interface ExcludedColumn {
  readonly name: string;
  readonly why: string;
}

const BY_NAME = 'a label by its name';

/** Why a column with the name of a label is not one; undefined for other columns. */
export const explainRefusal = ({ why }: ExcludedColumn): string | undefined =>
  why.startsWith(`${BY_NAME}, but `) ? why.slice(`${BY_NAME}, but `.length) : undefined;

/** The column that says what is anomalous. The model never sees it. */
export interface Label {
  readonly name: string;
  readonly column: FileColumn;
  /** Whether a row with this value of the column is anomalous. */
  readonly isAnomalous: (value: RecordValue) => boolean;
  /** What the column calls normal and anomalous rows. */
  readonly classes: readonly [string, string];
  /** Its values, if there are two. */
  readonly pair: readonly [Counted, Counted] | undefined;
}

/** Why a column is not a label. */
interface Refusal {
  readonly why: string;
  /** Its values, if there are two. */
  readonly pair?: readonly [Counted, Counted];
  /** Whether it may be one, and only its anomalous value is unknown, or is not what --anomalous says. */
  readonly binary?: true;
  /** Whether one of more than two values tells that it is a label. */
  readonly told?: boolean;
}

/**
 * Finds the label: the column that --label names, or the first one with the name of a label and two values of which it
 * is known which one is anomalous. The other columns with such a name are excluded. Throws a {@link DataError} if the
 * column that --label names is not binary, and a {@link LabelQuestion} if a column may be a label or a feature.
 */
export async function findLabel(
  table: Table,
  configuration: Configuration,
): Promise<{ label: Label | undefined; excluded: ExcludedColumn[] }> {
  const { label: given, anomalous, exclude = [], types = {}, na } = configuration;
  const rank = ({ name }: FileColumn) => rankLabelName(name) ?? Number.POSITIVE_INFINITY;
  const named = table.columns
    .filter(({ name }) => name !== given && !exclude.includes(name) && !Object.hasOwn(types, name))
    .filter((column) => Number.isFinite(rank(column)))
    .sort((a, b) => rank(a) - rank(b));
  const own = table.columns.filter(({ name }) => name === given);
  const counts = await countValues(table, [...named, ...own], na);
  let label =
    given === undefined
      ? undefined
      : readGivenLabel(table, given, own[0], counts[named.length], configuration);
  const readings = named.map((column, i) => ({ column, found: readLabel(column, counts[i], configuration) }));
  for (const { column, found } of label ? [] : readings) {
    if ('why' in found) continue;
    if (!isLabelName(column.name) && (anomalous === undefined || !found.pair)) continue;
    label = found;
    break;
  }
  if (anomalous !== undefined && !label) {
    const refused = readings.find(({ column, found }) => isLabelName(column.name) && 'why' in found);
    const why = refused
      ? `column ${refused.column.name} cannot be the label: ${(refused.found as Refusal).why}`
      : 'no column is a label: --label names it';
    throw new DataError(`${table.path}: --anomalous ${anomalous} is given, but ${why}`);
  }
  const excluded: ExcludedColumn[] = [];
  const unclear: UnclearColumn[] = [];
  for (const { column, found } of readings) {
    if (found === label) continue;
    const { name } = column;
    const refusal = 'why' in found ? found : undefined;
    const unknown = refusal?.binary === true && !label;
    // Beside a label, the values say whether kinds of anomalies give it away.
    if (isKindName(name) && (label || !refusal?.told)) continue;
    // In many tables of goods and animals, the class is a column like any other.
    const isFeature = refusal && name.toLowerCase() === 'class';
    if (refusal?.told || (isLabelName(name) && !unknown && !isFeature)) {
      excluded.push({ name, why: refusal ? `${BY_NAME}, but ${refusal.why}` : BY_NAME });
    } else if (found.pair) {
      unclear.push(...toUnclear(column, found.pair, !label && (!refusal || unknown)));
    }
  }
  if (unclear.length > 0) throw new LabelQuestion(table.path, unclear);
  return { label, excluded };
}

function readGivenLabel(
  table: Table,
  name: string,
  column: FileColumn | undefined,
  values: LabelValues,
  configuration: Configuration,
): Label {
  const found = column
    ? readLabel(column, values, configuration)
    : { why: 'it cannot be read', binary: undefined };
  if (!('why' in found)) return found;
  const subject = `${table.path}: the label column ${name}`;
  throw new DataError(
    found.binary
      ? `${subject}: ${found.why}`
      : `${subject} is not binary: ${found.why}; expected two values, such as 0 and 1, in every row, or with --anomalous VALUE that value, all others being normal`,
  );
}

/** Reads the values of a column as a label, or says why it is not one. */
function readLabel(
  column: FileColumn,
  { counts: found, missing, firstMissing }: LabelValues,
  { anomalous, na }: Configuration,
): Label | Refusal {
  const { name } = column;
  const { counts, spellings } = foldCase(found);
  const values = [...counts.keys()].sort();
  const shown = values
    .slice(0, 3)
    .map((text) => showText(text))
    .join(', ');
  const counted = values.slice(0, 2).map((value) => ({ value, rows: counts.get(value)! }));
  const pair = values.length === 2 ? ([counted[0], counted[1]] as const) : undefined;
  const makeLabel = (normal: string, word: string, alike: readonly string[] = [word]): Label => ({
    name,
    column,
    isAnomalous: (value) => {
      const text = labelText(value, na);
      return text !== undefined && alike.includes(spellings.get(text) ?? text);
    },
    classes: [normal, word],
    pair,
  });
  if (values.length > 2 && anomalous === undefined) {
    return {
      why: `it has values ${shown}${values.length > 3 ? ' and others' : ''}`,
      told: tellNormal(values),
    };
  }
  if (missing > 0) {
    const others = missing > 1 ? ` and ${missing - 1} more` : '';
    const why = `it is missing in row ${firstMissing + 1} (counted from 1, without the header)${others}`;
    return { why, pair };
  }
  if (values.length > 2) {
    const alike = findSpellings(values, anomalous!);
    const [word] = alike;
    if (word === undefined) {
      return { why: `it has the values ${shown} and others, not ${anomalous}`, binary: true };
    }
    return makeLabel(nameOthers(word), word, alike);
  }
  if (values.length < 2) return { why: `all its values are ${shown}` };
  const ordered = orderClasses(values, anomalous);
  if (anomalous !== undefined && !ordered) {
    return { why: `it has the values ${values.join(' and ')}, not ${anomalous}`, pair, binary: true };
  }
  const most = ordered && pair && anomalous === undefined && describeMajority(ordered, pair);
  if (ordered && !most) return makeLabel(ordered[0], ordered[1]);
  const why = most
    ? `${most}: name the anomalous value with --anomalous ${tellClasses(values) ? showWord(ordered![1]) : 'VALUE'}`
    : `it is unknown which of ${shown} is anomalous: name it with --anomalous VALUE`;
  return { why, pair, binary: true };
}

/** Says so if most rows have the second value, which would be the anomalous one. */
function describeMajority(
  [, word]: readonly [string, string],
  pair: readonly [Counted, Counted],
): string | undefined {
  const count = pair[0].rows + pair[1].rows;
  const { value, rows } = pair.find((counted) => counted.value === word)!;
  return isMajority(rows, count)
    ? `${showText(value)} would be anomalous, but ${rows} of ${count} rows have it`
    : undefined;
}

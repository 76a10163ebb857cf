import { FLAG_WORDS } from '../../../bundle/column-reading.ts';
import { parseNumber } from '../../../bundle/number-text.ts';
import type { FileColumn } from '../../../bundle/tables/table.ts';
import type { Configuration } from '../../config/schema.ts';
import { plural } from '../../console/plural.ts';
import { showText, showWord } from '../../console/shell.ts';
import { DataError } from '../datasets/error.ts';
import type { ColumnKind } from './column-kind.ts';
import { orderClasses, tellClasses } from './label-classes.ts';
import type { Counted } from './label-values.ts';

/** A column with two values that may be the label or a feature. */
export interface UnclearColumn {
  readonly name: string;
  /** The kind that it has as a feature. */
  readonly kind: ColumnKind;
  /** Its values, the normal one first: as their words tell, or else the more frequent one. */
  readonly pair: readonly [Counted, Counted];
  /** Whether it can be the label: every row has a value, and there is no other label. */
  readonly possible: boolean;
}

/** Columns are, by their names, either labels or features, and only the user knows which. */
export class LabelQuestion extends DataError {
  /** The options that leave these columns out, the first one as the label if it can be. */
  readonly answer: Pick<Configuration, 'label' | 'anomalous' | 'exclude'>;

  constructor(path: string, columns: readonly UnclearColumn[]) {
    super(`${path}: ${columns.map(describeUnclear).join('; ')}`);
    const label = columns.find(
      ({ possible, pair }) => possible && (pair[1].rows < pair[0].rows || tellsPair(pair)),
    );
    this.answer = {
      ...(label && { label: label.name, anomalous: label.pair[1].value }),
      exclude: columns.filter((column) => column !== label).map(({ name }) => name),
    };
  }
}

function describeUnclear({ name, kind, pair, possible }: UnclearColumn): string {
  const [normal, anomalous] = pair.map(({ value, rows }) => `${showText(value)} (${plural(rows, 'row')})`);
  const [word, value] = [name, pair[1].value].map(showWord);
  const label = possible ? `--label ${word} --anomalous ${value} if it does, ` : '';
  return (
    `column ${name} has two values, ${normal} and ${anomalous}, and its name suggests that it marks the anomalies: ` +
    `use ${label}--exclude ${word} to leave it out, or --types ${word}=${kind} to train on it`
  );
}

/** A column with two values as one to ask about; none if one of them is a fraction, as in no label. */
export function toUnclear(
  column: FileColumn,
  pair: UnclearColumn['pair'],
  possible: boolean,
): UnclearColumn[] {
  if (pair.some(({ value }) => isFraction(value))) return [];
  return [{ name: column.name, kind: kindOfPair(column, pair), pair: sortPair(pair), possible }];
}

/** Whether a value is a number with decimals, as in no label. */
export const isFraction = (value: string): boolean => (parseNumber(value) ?? 0) % 1 !== 0;

const tellsPair = ([a, b]: UnclearColumn['pair']): boolean => tellClasses([a.value, b.value]);

/** Puts the anomalous value last: the one whose word says so, however frequent it is, or else the rarer one. */
export function sortPair([a, b]: UnclearColumn['pair']): UnclearColumn['pair'] {
  const told = tellsPair([a, b]) ? orderClasses([a.value, b.value], undefined) : undefined;
  const isLast = told ? told[1] === a.value : b.rows > a.rows;
  return isLast ? [b, a] : [a, b];
}

/** The kind of a feature with two values. */
function kindOfPair({ type }: FileColumn, pair: UnclearColumn['pair']): ColumnKind {
  const words = pair.map(({ value }) => value.toLowerCase());
  if (FLAG_WORDS.some((flags) => words.every((word) => flags.includes(word)))) return 'flag';
  return type === 'number' || words.every((word) => parseNumber(word) !== undefined) ? 'number' : 'category';
}

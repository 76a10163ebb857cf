import { displayValue } from '../../bundle/column-display.ts';
import type { ColumnOf, TableColumn } from '../../bundle/column-schema.ts';
import { isClock } from '../../bundle/column-traits.ts';
import { tableColumns } from '../../bundle/kind.ts';
import { DURATION } from '../../bundle/notation.ts';
import { formatTable } from '../console/table.ts';
import type { Source } from '../data/source.ts';

/** Values of a column that are shown. */
const EXAMPLES = 3;
const WIDEST = 40;

/** How a column of a table is treated. */
export interface ColumnSummary {
  name: string;
  kind: TableColumn['kind'] | 'label' | 'left out';
  treatment: string;
  /** The share of training rows without a value; 0 for columns that the model does not see. */
  missing_share: number;
  examples: string[];
}

/** Lists every column of a table: those that the model sees, the label, and those left out. Empty for other data. */
export function listColumns(source: Source): ColumnSummary[] {
  const { excluded, label, classes } = source;
  const columns = tableColumns(source);
  return [
    ...columns.map((column, j) => ({
      name: column.name,
      kind: column.kind,
      treatment: describeTreatment(column),
      missing_share: column.missing_share,
      examples: findExamples(source, column, j, columns.length),
    })),
    ...(label === null
      ? []
      : [
          {
            name: label,
            kind: 'label' as const,
            treatment: `anomalous: ${classes[1]}`,
            missing_share: 0,
            examples: [...classes],
          },
        ]),
    ...excluded.map(({ name, why }) => ({
      name,
      kind: 'left out' as const,
      treatment: why,
      missing_share: 0,
      examples: [],
    })),
  ];
}

/**
 * Formats the columns of {@link listColumns} as a table, the first `most` of them; no lines for data without named
 * columns.
 */
export function formatColumns(source: Source, most = Number.POSITIVE_INFINITY): string[] {
  const columns = listColumns(source);
  const shown = columns.slice(0, most);
  const rows = shown.map(({ name, kind, treatment, missing_share, examples }) => [
    name,
    kind,
    treatment,
    missing_share === 0 ? '' : `${(100 * missing_share).toPrecision(2)}%`,
    examples.join(', '),
  ]);
  if (rows.length === 0) return [];
  const head = ['column', 'kind', 'treatment', 'missing', 'examples'];
  const lines = formatTable(head, rows, { align: 'left', widest: WIDEST });
  const left = columns.length - shown.length;
  if (left > 0)
    lines.push(`… and ${left.toLocaleString('en')} more columns; npx offmanifold inspect lists all`);
  return lines.map((line) => `  ${line}`);
}

/** Different known values of a column among the test rows. */
function findExamples({ test }: Source, column: TableColumn, j: number, width: number): string[] {
  const values = Array.from({ length: test.count }, (_, i) => test.data[i * width + j]);
  const known = values.filter((value) => column.kind !== 'category' || value !== -1);
  return [...new Set(known.map((value) => displayValue(column, value)))].slice(0, EXAMPLES);
}

/** What the model makes of a column. */
function describeTreatment(column: TableColumn): string {
  switch (column.kind) {
    case 'number':
      return [column.scaling, ...describeNumbers(column)].join(', ');
    case 'flag':
      return column.words.join(', ');
    case 'category': {
      const { length } = column.categories;
      const encoding = column.encoding === 'one_hot' ? 'one-hot' : 'by frequency';
      return `${length} ${length === 1 ? 'category' : 'categories'}, ${encoding}`;
    }
    case 'date':
      return [
        ...(column.epoch ? [`${column.epoch} since 1970`] : []),
        ...(isClock(column) ? [] : ['standard']),
        ...(column.time ? ['time of day'] : []),
        ...(column.weekday ? ['weekday'] : []),
      ].join(', ');
  }
}

/** How numbers are written, where that is not plain, and what is subtracted from them. */
function describeNumbers({ notation, origin }: ColumnOf<'number'>): string[] {
  const written = [];
  if (notation === DURATION) written.push('durations, in seconds');
  else if (notation) {
    const { unit, group, decimal } = notation;
    if (unit) written.push(`in ${unit}`);
    if (decimal === ',') written.push('decimal comma');
    if (group) written.push(`thousands with ${group === ' ' ? 'spaces' : group}`);
  }
  return origin === undefined ? written : [...written, `less ${origin}`];
}

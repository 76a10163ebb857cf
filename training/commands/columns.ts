import { displayValue } from '../../bundle/column-display.ts';
import { isClock, type TableColumn } from '../../bundle/column-schema.ts';
import type { Source } from '../data/source.ts';

/** Values of a column that are shown. */
const EXAMPLES = 3;
const WIDEST = 40;

/** The columns of a table as lines to read: what each is taken for, and what is left out. Empty of other data. */
export function columnTable({ scaling, excluded, label, classes, test }: Source): string[] {
  if (scaling.kind !== 'columns') return [];
  const { columns } = scaling;
  const rows = columns.map((column, j) => {
    const values = Array.from({ length: test.count }, (_, i) => test.data[i * columns.length + j]);
    const known = values.filter((value) => column.kind !== 'category' || value !== -1);
    const shown = [...new Set(known.map((value) => displayValue(column, value)))];
    return [
      column.name,
      column.kind,
      treatment(column),
      missing(column),
      shown.slice(0, EXAMPLES).join(', '),
    ];
  });
  const marked = label === null ? [] : [[label, 'label', `anomalous: ${classes[1]}`, '', classes.join(', ')]];
  const left = excluded.map(({ name, why }) => [name, 'left out', why, '', '']);
  return aligned([['column', 'kind', 'treatment', 'missing', 'examples'], ...rows, ...marked, ...left]);
}

/** What the model makes of a column. */
function treatment(column: TableColumn): string {
  switch (column.kind) {
    case 'number':
      return column.scaling;
    case 'flag':
      return `${column.words.join(', ')}`;
    case 'category':
      return `${column.categories.length} ${column.categories.length === 1 ? 'category' : 'categories'}, ${column.encoding === 'one_hot' ? 'one-hot' : 'by frequency'}`;
    case 'date':
      return [
        ...(isClock(column) ? [] : ['standard']),
        ...(column.time ? ['time of day'] : []),
        ...(column.weekday ? ['weekday'] : []),
      ].join(', ');
  }
}

const missing = ({ missing_share }: TableColumn): string =>
  missing_share === 0 ? '' : `${(100 * missing_share).toPrecision(2)} %`;

function aligned(rows: readonly string[][]): string[] {
  const cut = rows.map((row) =>
    row.map((cell) => (cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell)),
  );
  const widths = cut[0].map((_, j) => Math.max(...cut.map((row) => row[j].length)));
  return cut.map((row) => `  ${row.map((cell, j) => cell.padEnd(widths[j])).join('  ')}`.trimEnd());
}

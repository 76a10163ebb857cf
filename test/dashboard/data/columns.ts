import type { TableColumn } from '../../../bundle/column-schema.ts';

const date = { missing_share: 0, origin: 19_723, center: 0.4, scale: 30, weekday: true, missing: 0.25 };

/** A column of each kind; the last, `logged`, is the clock of a log. */
export const columns: TableColumn[] = [
  {
    kind: 'number',
    name: 'age',
    missing_share: 0,
    scaling: 'standard',
    center: 40,
    scale: 12,
    knots: [],
    scores: [],
    missing: 38.5,
  },
  { kind: 'flag', name: 'member', missing_share: 0.1, words: ['no', 'yes'], share: 0.4, missing: 0 },
  {
    kind: 'category',
    name: 'city',
    missing_share: 0,
    categories: ['Oslo', 'Rome', 'Lima'],
    frequencies: [0.5, 0.3, 0.2],
    encoding: 'one_hot',
  },
  { kind: 'date', name: 'day', time: false, clock: false, ...date },
  { kind: 'date', name: 'at', time: true, clock: false, ...date },
  { kind: 'date', name: 'logged', time: true, clock: true, ...date, center: 0.5, scale: 1 },
];

/** What a manifest says of data with these columns. */
export const data = {
  features: columns.length,
  names: columns.map(({ name }) => name),
  range: null,
  shape: [columns.length],
  scaling: { kind: 'columns' as const, columns },
};

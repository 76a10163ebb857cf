import type { TableColumn } from '../../bundle/column-schema.ts';

const number = { scaling: 'standard' as const, center: 40, scale: 12, knots: [], scores: [], missing: 38 };

/** A column of numbers that the model sees as they are. */
export const unscaled = (
  name: string,
  missing_share: number,
  more: Partial<TableColumn & { kind: 'number' }> = {},
): TableColumn => ({
  kind: 'number',
  name,
  missing_share,
  scaling: 'standard',
  center: 0,
  scale: 1,
  knots: [],
  scores: [],
  missing: 0,
  ...more,
});

/** A column of each kind. */
export const columns: [TableColumn, TableColumn, TableColumn, TableColumn] = [
  { kind: 'number', name: 'age', missing_share: 0, ...number },
  { kind: 'flag', name: 'member', missing_share: 0.1, words: ['no', 'yes'], share: 0.4, missing: 0 },
  {
    kind: 'category',
    name: 'city',
    missing_share: 0,
    categories: ['Oslo', 'Rome', '7'],
    frequencies: [0.5, 0.3, 0.2],
    encoding: 'one_hot',
  },
  {
    kind: 'date',
    name: 'at',
    missing_share: 0,
    origin: 19_723,
    center: 0,
    scale: 30,
    time: true,
    weekday: true,
    clock: false,
    missing: 0,
  },
];

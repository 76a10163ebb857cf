import type { TableColumn } from '../bundle/column-schema.ts';

const common = { name: 'c', missing_share: 0.1 };
const number: TableColumn & { kind: 'number' } = {
  ...common,
  kind: 'number',
  scaling: 'standard',
  center: 0,
  scale: 1,
  knots: [],
  scores: [],
  missing: 0,
};
const date: TableColumn & { kind: 'date' } = {
  ...common,
  kind: 'date',
  origin: 19_000,
  center: 0,
  scale: 1,
  time: true,
  weekday: true,
  clock: false,
  missing: 0,
};

/** Columns whose values are read on every path: of each kind, and with each way to write them. */
export const COLUMNS: readonly TableColumn[] = [
  number,
  { ...number, origin: 5_400_000 },
  { ...number, na: ['-999', '12', 'unknown'] },
  { ...number, notation: { decimal: ',', group: '.', unit: '€' } },
  { ...number, notation: 'duration', na: ['unknown'] },
  { ...common, kind: 'flag', words: ['no', 'yes'], share: 0.5, missing: 0 },
  { ...common, kind: 'flag', words: ['0', '1'], share: 0.5, missing: 0, na: ['-999', '0', 'yes'] },
  {
    ...common,
    kind: 'category',
    categories: ['Lima', ' Oslo', '12', '7.0', 'true', '2024-01-05', '-', 'a "b", c', 'é'],
    frequencies: Array(9).fill(0.1),
    encoding: 'one_hot',
  },
  {
    ...common,
    kind: 'category',
    categories: ['Lima', '12', 'True', '-0.50'],
    frequencies: Array(4).fill(0.1),
    encoding: 'one_hot',
    na: ['-999', '0', 'unknown'],
  },
  date,
  { ...date, na: ['0', '-999'], epoch: 'milliseconds' },
];

import type { Column } from '../../../dashboard/data/columns.ts';

/** What is known of five points: a category, ids, and the order of their scores. */
export const SITE: Column = {
  key: 'site',
  name: 'site',
  kind: 'category',
  categories: ['north', 'Hill'],
  codes: [0, 1, -1, 0, 1],
  missing: 'missing',
};
export const IDS = { key: 'id', texts: ['r10', 'r9', 'r1', null, 'r100'] };
export const RANKED = [4, 0, 3, 1, 2];

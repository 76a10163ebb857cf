import type { TableColumn } from './columns.ts';
import type { Manifest } from './manifest.ts';

/** What a model was trained on: a table of named columns, images, or rows of numbers without names. */
export type DataKind = 'table' | 'image' | 'matrix';

interface Shaped {
  readonly shape: readonly number[];
  readonly scaling: Manifest['data']['scaling'];
}

/** The kind of a manifest's `data`, or of anything with a shape and a scaling. */
export function kindOf({ shape, scaling }: Shaped): DataKind {
  if (scaling.kind === 'columns') return 'table';
  return shape.length === 3 ? 'image' : 'matrix';
}

/** The columns of a table, in order; none for images and matrices. */
export const tableColumns = ({ scaling }: Pick<Shaped, 'scaling'>): readonly TableColumn[] =>
  scaling.kind === 'columns' ? scaling.columns : [];

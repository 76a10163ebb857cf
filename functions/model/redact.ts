import type { Manifest } from '../../bundle/manifest.ts';

/** What stands for the categories of a column. */
const NOT_SHOWN = ['(not shown)'];

/** Whether the categories of a column are not shown. */
export const isRedacted = (categories: readonly string[]): boolean => categories === NOT_SHOWN;

/** The manifest of a deployment that keeps the categories in its data to itself. */
export function withoutCategories(manifest: Manifest): Manifest {
  const { data } = manifest;
  if (data.scaling.kind !== 'columns') return manifest;
  const columns = data.scaling.columns.map((column) =>
    column.kind === 'category' ? { ...column, categories: NOT_SHOWN } : column,
  );
  return { ...manifest, data: { ...data, scaling: { ...data.scaling, columns } } };
}

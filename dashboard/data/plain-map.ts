import type { MapManifest } from '../../bundle/map-bundle.ts';
import type { MapTable, MetadataColumn } from '../../bundle/map-table.ts';
import { formatCount } from '../common/format.ts';
import { linearScale } from '../common/scale.ts';
import type { Column } from './columns.ts';

/** A map without a model, as the worker reads it. */
export interface OpenedMap {
  manifest: MapManifest;
  table: MapTable;
  graphicsCard: boolean;
}

/** What the view of a map without a model shows. */
export interface PlainMap {
  manifest: MapManifest;
  points: Pick<MapTable, 'count' | 'x' | 'y'>;
  graphicsCard: boolean;
  /** It has no thumbnails. */
  sprites: undefined;
  /** What is known about each row, in the order of the file. */
  metadata: readonly MetadataColumn[];
  /** What to colour and filter by: categories, then numbers, then the order of the rows. */
  columns: readonly Column[];
}

/** The map that the worker has opened. */
export function toPlainMap({ manifest, table: { count, x, y, columns }, graphicsCard }: OpenedMap): PlainMap {
  const rows = new Float64Array(count).map((_, i) => i);
  const kinds = (wanted: Column['kind']) =>
    columns.flatMap((column) => (column.kind === wanted ? (toColumn(column) ?? []) : []));
  return {
    manifest,
    points: { count, x, y },
    graphicsCard,
    sprites: undefined,
    metadata: columns,
    columns: [
      ...kinds('category'),
      ...kinds('number'),
      { key: 'row', name: 'Row', kind: 'number', values: rows, scale: linearScale(rows) },
    ],
  };
}

/** Something to colour by; a column of names is not. */
function toColumn(column: MetadataColumn): Column | undefined {
  const { name } = column;
  const named = { key: `data.${name}`, name, own: true };
  switch (column.kind) {
    case 'category':
      return {
        ...named,
        kind: 'category',
        categories: column.names,
        codes: column.codes,
        missing: 'missing',
      };
    case 'number':
      return { ...named, kind: 'number', values: column.values, scale: linearScale(column.values) };
    case 'text':
      return undefined;
  }
}

/** What a row is called: the first of its texts, or else its number in the file, counted from 0. */
export function nameOfRow({ metadata }: Pick<PlainMap, 'metadata'>, index: number): string {
  const names = metadata.find(({ kind }) => kind === 'text');
  return (names?.kind === 'text' && names.texts[index]) || `Row ${formatCount(index)}`;
}

/** What is known about a row besides its name, as texts. */
export function valuesOf(
  { metadata }: Pick<PlainMap, 'metadata'>,
  index: number,
): { name: string; text: string }[] {
  const title = metadata.find(({ kind }) => kind === 'text');
  return metadata
    .filter((column) => column !== title)
    .map((column) => ({ name: column.name, text: textOf(column, index) }));
}

function textOf(column: MetadataColumn, index: number): string {
  switch (column.kind) {
    case 'category':
      return column.names[column.codes[index]!] ?? 'missing';
    case 'number':
      return Number.isNaN(column.values[index]!) ? 'missing' : String(column.values[index]);
    case 'text':
      return column.texts[index] ?? 'missing';
  }
}

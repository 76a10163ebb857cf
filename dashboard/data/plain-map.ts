import type { MapManifest } from '../../bundle/map-bundle.ts';
import type { MapTable, MetadataColumn } from '../../bundle/map-table.ts';
import { formatCount } from '../common/format.ts';
import { linearScale } from '../common/scale.ts';
import { type Column, dateFormat } from './columns.ts';
import type { MapColumns } from './map-columns.ts';
import { createSearch, type TextColumn } from './search.ts';

/** A map without a model, as the worker reads it. */
export interface OpenedMap {
  manifest: MapManifest;
  table: MapTable;
  graphicsCard: boolean;
  /** Whether there is no connection, and this is what the browser has kept. */
  offline: boolean;
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
  /** The one of them that names the rows: the first of texts, else the first of whole numbers that all differ. */
  title: MetadataColumn | undefined;
}

/** The map that the worker has opened. */
export const toPlainMap = ({ manifest, table, graphicsCard }: Omit<OpenedMap, 'offline'>): PlainMap => ({
  manifest,
  points: { count: table.count, x: table.x, y: table.y },
  graphicsCard,
  sprites: undefined,
  metadata: table.columns,
  title: table.columns.find(({ kind }) => kind === 'text') ?? table.columns.find(isId),
});

/** What to colour, filter and search a map by: categories, then numbers, then the order of the rows. */
export function columnsOf({ points, metadata }: Pick<PlainMap, 'points' | 'metadata'>): MapColumns {
  const rows = new Float64Array(points.count).map((_, i) => i);
  const kinds = (wanted: Column['kind']) =>
    metadata.flatMap((column) => (column.kind === wanted ? (toColumn(column) ?? []) : []));
  const columns: Column[] = [
    ...kinds('category'),
    ...kinds('number'),
    { key: 'row', name: ROW, kind: 'number', values: rows, scale: linearScale(rows) },
  ];
  const named = metadata.filter((column) => column.kind === 'text' || isId(column));
  const words = metadata.filter(({ kind }) => kind === 'category');
  const texts = named.map(
    (column): TextColumn => ({
      key: keyOf(column),
      // Made by the first search: a text per row takes long.
      get texts() {
        return Array.from(rows, (_, index) => textOf(column, index) ?? null);
      },
    }),
  );
  return {
    columns,
    names: columns,
    ids: [],
    search: createSearch(columns, texts, rows),
    searched: (named.length > 0 ? [...named, ...words] : [{ name: '#row (from 0)' }, ...words])
      .slice(0, 4)
      .map(({ name }) => name)
      .join(', '),
    reading: false,
    failure: '',
    askWords() {},
  };
}

/** What the order of the rows is called. */
const ROW = 'Row, counted from 0';

const keyOf = ({ name }: MetadataColumn) => `data.${name}`;

/** Something to colour by; a column of names is not. */
function toColumn(column: MetadataColumn): Column | undefined {
  const named = { key: keyOf(column), name: column.name, own: true };
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
      return {
        ...named,
        kind: 'number',
        values: column.values,
        scale: linearScale(column.values),
        ...(column.dates && dateFormat(column.dates)),
      };
    case 'text':
      return undefined;
  }
}

const isId = (column: MetadataColumn): boolean => column.kind === 'number' && column.ids;

type Titled = Pick<PlainMap, 'title'>;

/** What a row is called: its name or its id in the data, or else its number in the file, counted from 0. */
export function nameOfRow({ title }: Titled, index: number): string {
  const text = title && textOf(title, index);
  if (!text) return `Row ${formatCount(index)}`;
  return title.kind === 'text' ? text : `${title.name} ${text}`;
}

/** The number of a row in the file, counted from 0, unless its name says it: `#12`. */
export const numberOfRow = ({ title }: Titled, index: number): string =>
  title && textOf(title, index) ? `#${index}` : '';

/** What is known about a row besides its name, as texts. */
export const valuesOf = (
  { metadata, title }: Titled & Pick<PlainMap, 'metadata'>,
  index: number,
): { name: string; text: string }[] =>
  metadata
    .filter((column) => column !== title)
    .map((column) => ({ name: column.name, text: textOf(column, index) ?? 'missing' }));

/** A value as text; undefined if it is missing. */
function textOf(column: MetadataColumn, index: number): string | undefined {
  switch (column.kind) {
    case 'category':
      return column.names[column.codes[index]!];
    case 'number': {
      const value = column.values[index]!;
      if (Number.isNaN(value)) return undefined;
      return column.dates ? dateFormat(column.dates).format!(value) : String(value);
    }
    case 'text':
      return column.texts[index] ?? undefined;
  }
}

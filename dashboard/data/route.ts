import { MAP_FORMAT } from '../../bundle/integrity.ts';
import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { MapManifest } from '../../bundle/map-bundle.ts';
import { formatCount } from '../common/format.ts';
import type { Framing } from '../common/framing.ts';
import { type Filters, NO_FILTERS, type Range } from './filters.ts';

/** The views in the order of their tabs. */
const VIEWS = [
  { view: 'map', name: 'Map' },
  { view: 'anomalies', name: 'Anomalies' },
  { view: 'report', name: 'Report' },
  { view: 'studies', name: 'Studies' },
  { view: 'compare', name: 'Compare' },
  { view: 'draw', name: 'Draw' },
  { view: 'photo', name: 'Photo' },
  { view: 'row', name: 'Try a row' },
  { view: 'file', name: 'Score' },
] as const;

export type ViewName = (typeof VIEWS)[number]['view'];

interface Described extends Pick<Manifest, 'sprites'> {
  format?: Manifest['format'];
  data: Pick<Manifest['data'], 'name' | 'shape' | 'scaling' | 'range'>;
}

/** Why a bundle has no such view, in a sentence; undefined if it has. */
export function explainUnavailable(
  view: ViewName,
  manifest: Described | Pick<MapManifest, 'format'>,
): string | undefined {
  if (manifest.format === MAP_FORMAT)
    return view === 'map' ? undefined : 'This is a map without a model: it has nothing to score with.';
  const { data, sprites } = manifest;
  const { name, shape, range } = data;
  const areImages = kindOf(data) === 'image';
  switch (view) {
    case 'row':
      return areImages ? 'This model takes images, not rows of numbers.' : undefined;
    case 'studies':
      return name === 'MNIST'
        ? undefined
        : `The studies are about MNIST, but this model was trained on ${name}.`;
    case 'draw':
      if (!areImages) return 'This model takes rows of numbers, so there is nothing to draw.';
      if (shape[2] !== 1)
        return `The pad draws in grey, but this model takes images with ${shape[2]} channels.`;
      return range && sprites ? undefined : 'This model does not say which values are black and white.';
    case 'photo':
      if (!areImages) return 'This model takes rows of numbers, not photos.';
      if (shape[2] === 1 && range && sprites)
        return 'This model takes grey images: load a photo on the page Draw.';
      if (shape[2] !== 1 && shape[2] !== 3) return `This model takes images with ${shape[2]} channels.`;
      return range ? undefined : 'This model does not say which values are black and white.';
    case 'file':
      if (!areImages) return undefined;
      if (shape[2] !== 1 && shape[2] !== 3) return `This model takes images with ${shape[2]} channels.`;
      return range ? undefined : 'This model does not say which values are black and white.';
    default:
      return undefined;
  }
}

/**
 * The tabs to show: the views that the bundle has, and the comparison if the site has several models. Before a bundle is
 * loaded, those for images.
 */
export const listTabs = (
  manifest: Described | Pick<MapManifest, 'format'> | undefined,
  models: readonly string[] = [],
) =>
  VIEWS.filter(({ view }) => {
    if (view === 'compare' && models.length < 2) return false;
    return manifest ? !explainUnavailable(view, manifest) : view !== 'row' && view !== 'photo';
  });

/** A part of the map to select, in map units: a polygon's corners, x and y by turns. A box has four. */
export type Region = readonly number[];

/** What the address shows: a view and how it is set. What is undefined is as it is at first. */
export interface Route {
  view: ViewName;
  /** The name of the model, of several; undefined for the one that the API serves. */
  model?: string | undefined;
  /** The name of the model that it is compared with; undefined for the first of the others. */
  beside?: string | undefined;
  /** The point that is selected on the map. */
  point?: number | undefined;
  significance?: number | undefined;
  filters: Filters;
  /** What is searched for. */
  find?: string | undefined;
  /** The key of the column that colours the points. */
  colour?: string | undefined;
  /** Undefined for the whole map. */
  framing?: Framing | undefined;
  /** The points inside are selected; `shown` selects every point that is shown. */
  region?: Region | 'shown' | undefined;
}

/** What {@link parseRoute} found, and the parts that it could not read. */
export interface ParsedRoute {
  route: Route;
  unread: string[];
}

/**
 * Reads an address: `#map/1234?at=1.5,-2,3&colour=score&hide=class:3,5&range=score:10..&find=hill&select=0,0,4,0,4,3&significance=0.05`.
 * A view that is not known is the map. What cannot be read is left out and listed.
 */
export function parseRoute(hash: string): ParsedRoute {
  const [path, query] = split(hash.slice(1), '?');
  const [name, text] = split(path, '/');
  const route: Draft = {
    view: VIEWS.find((known) => known.view === name)?.view ?? 'map',
    filters: { hidden: new Map(), ranges: new Map() },
  };
  const unread: string[] = [];
  if (route.view === 'map' && name === 'map' && text !== '') {
    if (/^\d{1,9}$/.test(text)) route.point = Number(text);
    else unread.push(text);
  }
  for (const [key, value] of new URLSearchParams(query)) {
    if (!Object.hasOwn(READERS, key) || !READERS[key]!(value, route)) unread.push(`${key}=${value}`);
  }
  return { route, unread };
}

/** The inverse of {@link parseRoute}: the address of a view, with what belongs to that view. */
export function formatRoute(route: Route): string {
  const { view, model, beside, point, significance, filters, find, colour, framing, region } = route;
  const parts: [string, string][] = [];
  const add = (key: string, value: string) => parts.push([key, value]);
  if (model !== undefined) add('model', model);
  if (view === 'compare' && beside !== undefined) add('beside', beside);
  if (view === 'map') {
    if (framing) add('at', [framing.x, framing.y, framing.zoom].join(','));
    if (colour !== undefined) add('colour', colour);
  }
  if (view === 'map' || view === 'anomalies') {
    for (const [column, codes] of filters.hidden) add('hide', `${column}:${[...codes].join(',')}`);
    for (const [column, range] of filters.ranges) add('range', `${column}:${range.map(finite).join('..')}`);
    if (find) add('find', find);
    if (region) add('select', region === 'shown' ? region : region.join(','));
  }
  if (significance !== undefined) add('significance', String(significance));
  const query = parts.map(([key, value]) => `${key}=${readable(value)}`).join('&');
  return `#${view}${view === 'map' && point !== undefined ? `/${point}` : ''}${query && `?${query}`}`;
}

/** The route after following an address. What belongs only to the map stays as it was, for the way back. */
export const followRoute = (before: Route, next: Route): Route =>
  next.view === 'map' || next.model !== before.model
    ? next
    : {
        ...before,
        view: next.view,
        significance: next.significance,
        ...(next.view === 'compare' && { beside: next.beside }),
        ...(next.view === 'anomalies' && { filters: next.filters, find: next.find, region: next.region }),
      };

/** The route that shows another model: of the view and the significance, which models share, what they were. */
export const turnTo = ({ view, significance }: Route, model: string | undefined): Route => ({
  view,
  significance,
  model,
  beside: undefined,
  point: undefined,
  filters: NO_FILTERS,
  find: undefined,
  colour: undefined,
  framing: undefined,
  region: undefined,
});

/** A route whose filters can still be added to. */
type Draft = Omit<Route, 'filters'> & {
  filters: { hidden: Map<string, ReadonlySet<number>>; ranges: Map<string, Range> };
};

/** Each parameter's reader: it sets its part of the route, or returns false. */
const READERS: Record<string, (value: string, route: Draft) => boolean> = {
  at(value, route) {
    const numbers = readNumbers(value);
    const [x, y, zoom] = numbers ?? [];
    if (numbers?.length !== 3 || !(zoom! > 0)) return false;
    route.framing = { x: x!, y: y!, zoom: zoom! };
    return true;
  },
  beside(value, route) {
    if (!isModelName(value)) return false;
    route.beside = value;
    return true;
  },
  colour(value, route) {
    if (value === '') return false;
    route.colour = value;
    return true;
  },
  find(value, route) {
    if (value.trim() === '') return false;
    route.find = value;
    return true;
  },
  hide(value, route) {
    const [column, list] = splitLast(value, ':');
    const codes = readNumbers(list);
    if (!column || !codes?.every((code) => Number.isInteger(code) && code >= -1)) return false;
    route.filters.hidden.set(column, new Set(codes));
    return true;
  },
  model(value, route) {
    if (!isModelName(value)) return false;
    route.model = value;
    return true;
  },
  range(value, route) {
    const [column, ends] = splitLast(value, ':');
    const [low, high] = split(ends, '..');
    const range: Range = [
      low === '' ? -Infinity : readNumber(low),
      high === '' ? Infinity : readNumber(high),
    ];
    // Also false for a number that cannot be read, which is NaN.
    if (!column || !(range[0] <= range[1]) || (low === '' && high === '')) return false;
    route.filters.ranges.set(column, range);
    return true;
  },
  select(value, route) {
    const numbers = readNumbers(value);
    const isPolygon = numbers && numbers.length >= 6 && numbers.length % 2 === 0;
    if (value !== 'shown' && !isPolygon) return false;
    route.region = value === 'shown' ? value : numbers;
    return true;
  },
  significance(value, route) {
    const level = readNumber(value);
    if (!(level > 0 && level <= 1)) return false;
    route.significance = level;
    return true;
  },
};

/** Whether a model can have this name, which is that of a folder. */
const isModelName = (text: string): boolean => /^[\w.-]+$/.test(text) && !/^\.+$/.test(text);

/** A decimal number, else NaN. */
const readNumber = (text: string): number =>
  /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : Number.NaN;

function readNumbers(text: string): number[] | undefined {
  const numbers = text.split(',').map(readNumber);
  return numbers.some(Number.isNaN) ? undefined : numbers;
}

const finite = (end: number): string => (Number.isFinite(end) ? String(end) : '');

/** A parameter's value, encoded where it must be, but not what a reader would rather see as it is. */
const readable = (value: string): string =>
  encodeURIComponent(value).replace(/%(2C|3A)/g, (encoded) => decodeURIComponent(encoded));

const split = (text: string, mark: string): [string, string] => cut(text, text.indexOf(mark), mark);

const splitLast = (text: string, mark: string): [string, string] => cut(text, text.lastIndexOf(mark), mark);

const cut = (text: string, at: number, mark: string): [string, string] =>
  at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];

/** What a link says that a map of so many points cannot show, in a sentence; empty if it shows all. */
export function explainLink({
  route: { colour, point },
  unread,
  columns,
  count,
}: {
  route: Route;
  unread: readonly string[];
  columns: readonly { key: string }[];
  count: number;
}): string {
  if (unread.length > 0) return `The link has parts that cannot be read: ${unread.join(', ')}.`;
  if (colour !== undefined && !columns.some(({ key }) => key === colour)) {
    return `The link colours by “${colour}”, which is not a column of this map.`;
  }
  if (point === undefined || point < count) return '';
  return `There is no point ${formatCount(point)}: this map has ${formatCount(count)} points, counted from 0.`;
}

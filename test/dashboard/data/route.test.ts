import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  explainUnavailable,
  followRoute,
  formatRoute,
  listTabs,
  parseRoute,
  type Route,
  turnTo,
  type ViewName,
} from '../../../dashboard/data/route.ts';
import { columns } from './columns.ts';

type Described = NonNullable<Parameters<typeof listTabs>[0]>;

const VIEWS: ViewName[] = [
  'map',
  'anomalies',
  'report',
  'studies',
  'compare',
  'draw',
  'photo',
  'row',
  'file',
];

/** Any finite number but -0, which an address does not tell from 0. */
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const codes = fc
  .uniqueArray(fc.integer({ min: -1, max: 1000 }), { minLength: 1 })
  .map((list) => new Set(list));
const range = fc
  .tuple(fc.option(real, { nil: undefined }), fc.option(real, { nil: undefined }))
  .filter(([a, b]) => a !== undefined || b !== undefined)
  .map(([a, b]): [number, number] =>
    a !== undefined && b !== undefined
      ? [Math.min(a, b), Math.max(a, b)]
      : [a ?? Number.NEGATIVE_INFINITY, b ?? Number.POSITIVE_INFINITY],
  );
const key = fc.string({ minLength: 1, unit: 'grapheme' });
const mapOf = <T>(value: fc.Arbitrary<T>) => fc.array(fc.tuple(key, value)).map((pairs) => new Map(pairs));
const name = fc.stringMatching(/^[\w-][\w.-]{0,8}$/);
const shared = { significance: fc.double({ min: 1e-9, max: 1, noNaN: true }), model: name };
const filtered = {
  ...shared,
  find: fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== ''),
  region: fc.oneof(
    fc.constant<'shown'>('shown'),
    fc.array(fc.tuple(real, real), { minLength: 3, maxLength: 20 }).map((corners) => corners.flat()),
  ),
};
const filters = fc.record({ hidden: mapOf(codes), ranges: mapOf(range) });
const none = fc.constant({ hidden: new Map(), ranges: new Map() });

const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record(
    {
      view: fc.constant<ViewName>('map'),
      filters,
      point: fc.nat(999_999_999),
      colour: key,
      framing: fc.record({ x: real, y: real, zoom: fc.double({ min: 1e-6, max: 1e6, noNaN: true }) }),
      ...filtered,
    },
    { requiredKeys: ['view', 'filters'] },
  ),
  fc.record(
    { view: fc.constant<ViewName>('anomalies'), filters, ...filtered },
    { requiredKeys: ['view', 'filters'] },
  ),
  fc.record(
    { view: fc.constantFrom(...VIEWS), filters: none, ...shared },
    { requiredKeys: ['view', 'filters'] },
  ),
  fc.record(
    { view: fc.constant<ViewName>('compare'), filters: none, beside: name, ...shared },
    { requiredKeys: ['view', 'filters'] },
  ),
);

const bare = (view: ViewName) => ({ view, filters: { hidden: new Map(), ranges: new Map() } });

test('a route and its address are inverse', () => {
  fc.assert(
    fc.property(route, (place) => {
      expect(parseRoute(formatRoute(place))).toEqual({ route: place, unread: [] });
    }),
  );
});

test('any hash is a route, and its own hash is the same route', () => {
  const parameters = fc.constantFrom('at', 'colour', 'hide', 'range', 'select', 'significance', 'other');
  const hash = fc.oneof(
    fc.string(),
    fc.tuple(fc.constantFrom(...VIEWS, 'other'), fc.string()).map(([view, rest]) => `#${view}/${rest}`),
    fc
      .tuple(
        fc.constantFrom(...VIEWS),
        fc.array(fc.tuple(parameters, fc.string({ unit: fc.constantFrom(...'a:.,1-e%') }))),
      )
      .map(([view, pairs]) => `#${view}?${pairs.map((pair) => pair.join('=')).join('&')}`),
  );
  fc.assert(
    fc.property(hash, (text) => {
      const found = parseRoute(text).route;
      expect(VIEWS).toContain(found.view);
      const address = formatRoute(found);
      expect(formatRoute(parseRoute(address).route)).toBe(address);
    }),
  );
});

test('an address reads as what it shows', () => {
  expect(
    parseRoute(
      '#map/12?at=1.5,-2,3&colour=score&hide=class:3,-1&range=score:10..&range=a:b:..1e-3&select=0,0,4,0,4,3&significance=0.05',
    ),
  ).toEqual({
    route: {
      view: 'map',
      point: 12,
      framing: { x: 1.5, y: -2, zoom: 3 },
      colour: 'score',
      filters: {
        hidden: new Map([['class', new Set([3, -1])]]),
        ranges: new Map([
          ['score', [10, Infinity]],
          ['a:b', [-Infinity, 0.001]],
        ]),
      },
      region: [0, 0, 4, 0, 4, 3],
      significance: 0.05,
    },
    unread: [],
  });
});

test('only the map has a point, and only a whole number is one', () => {
  expect(parseRoute('#map/1234').route).toEqual({ ...bare('map'), point: 1234 });
  expect(parseRoute('#report/7').route).toEqual(bare('report'));
  for (const text of ['#map/-1', '#map/1.5', '#map/x', '#map/', '#nowhere/3', '']) {
    expect(parseRoute(text).route, text).toEqual(bare('map'));
  }
  expect(formatRoute({ ...bare('report'), point: 3 })).toBe('#report');
});

test('what cannot be read is left out, and listed', () => {
  for (const part of [
    'at=1,2',
    'at=1,2,0',
    'at=1,2,NaN',
    'colour=',
    'hide=class',
    'hide=class:x',
    'hide=class:1.5',
    'hide=:1',
    'range=score:5..2',
    'range=score:..',
    'range=score:5..Infinity',
    'select=1,2,3,4',
    'select=all',
    'significance=0',
    'model=../a',
    'model=..',
    'beside=',
    'significance=2',
    'constructor=1',
    'other=1',
  ]) {
    expect(parseRoute(`#map/7?${part}&significance=0.5`), part).toEqual({
      route: { ...bare('map'), point: 7, significance: 0.5 },
      unread: [part],
    });
  }
  expect(parseRoute('#map/7a').unread).toEqual(['7a']);
});

test('another view keeps what belongs to the map, and takes its significance from the address', () => {
  const map = parseRoute('#map/12?at=1,2,3&colour=score&hide=class:1&significance=0.2').route;
  const report = followRoute(map, parseRoute('#report?significance=0.1').route);
  expect(report).toEqual({ ...map, view: 'report', significance: 0.1 });
  expect(followRoute(report, parseRoute('#anomalies').route)).toEqual({
    ...bare('anomalies'),
    point: 12,
    framing: map.framing,
    colour: 'score',
    significance: undefined,
    region: undefined,
  });
  expect(followRoute(report, parseRoute('#map').route)).toEqual(bare('map'));
});

test('another model begins with the whole map, and keeps the view and the significance', () => {
  const map = parseRoute('#map/12?at=1,2,3&colour=score&hide=class:1&significance=0.2').route;
  const turned = turnTo(map, 'friday');
  expect(formatRoute(turned)).toBe('#map?model=friday&significance=0.2');
  expect(followRoute(turned, parseRoute('#anomalies?model=friday').route).model).toBe('friday');
  // Back to the model before: nothing of the other one stays.
  expect(followRoute({ ...turned, colour: 'p-value' }, parseRoute('#report').route)).toEqual(bare('report'));
});

const images: Described = {
  data: {
    name: 'MNIST',
    shape: [28, 28, 1],
    range: [0, 255],
    scaling: { kind: 'range', low: 0, high: 255 },
  },
  sprites: { tile: [28, 28], columns: 10, per_sheet: 100, files: ['sprites-0.webp'] },
};
const colour: Described = { ...images, data: { ...images.data, name: 'cats', shape: [32, 32, 3] } };
const matrix: Described = { ...images, data: { ...images.data, name: 'pumps', shape: [5] }, sprites: null };
const table: Described = {
  data: { name: 'orders', shape: [columns.length], range: null, scaling: { kind: 'columns', columns } },
  sprites: null,
};
const tabs = (manifest?: Described) => listTabs(manifest).map(({ view }) => view);

test('the tabs are those of the views that the data have', () => {
  const all = ['map', 'anomalies', 'report'];
  expect(tabs(images)).toEqual([...all, 'studies', 'draw', 'file']);
  expect(tabs(colour)).toEqual([...all, 'photo', 'file']);
  expect(tabs(matrix)).toEqual([...all, 'row', 'file']);
  expect(tabs(table)).toEqual([...all, 'row', 'file']);
  expect(tabs(undefined)).toEqual([...all, 'studies', 'draw', 'file']);
  expect(listTabs(table, ['monday', 'friday']).map(({ view }) => view)).toContain('compare');
});

test('a view that is not there says why, with what the model was trained on', () => {
  expect(explainUnavailable('draw', colour)).toContain('3 channels');
  expect(explainUnavailable('draw', table)).toContain('rows of numbers');
  expect(explainUnavailable('draw', { ...images, sprites: null })).toContain('black and white');
  expect(explainUnavailable('photo', images)).toContain('on the page Draw');
  expect(explainUnavailable('photo', table)).toContain('rows of numbers');
  expect(explainUnavailable('row', images)).toContain('takes images');
  expect(explainUnavailable('studies', table)).toContain('orders');
});

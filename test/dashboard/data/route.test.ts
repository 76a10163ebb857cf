import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  explainUnavailable,
  formatRoute,
  listTabs,
  parseRoute,
  type Route,
  type ViewName,
} from '../../../dashboard/data/route.ts';
import { columns } from './columns.ts';

type Described = NonNullable<Parameters<typeof listTabs>[0]>;

const VIEWS: ViewName[] = ['map', 'anomalies', 'report', 'studies', 'draw', 'row'];

const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ view: fc.constant<ViewName>('map'), point: fc.nat(999_999_999) }),
  fc.record({ view: fc.constantFrom(...VIEWS) }),
);

test('a route and its hash are inverse', () => {
  fc.assert(
    fc.property(route, (place) => {
      expect(parseRoute(formatRoute(place))).toEqual(place);
    }),
  );
});

test('any hash is a route, and its own hash is the same route', () => {
  const hash = fc.oneof(
    fc.string(),
    fc.tuple(fc.constantFrom(...VIEWS, 'other'), fc.string()).map(([view, rest]) => `#${view}/${rest}`),
  );
  fc.assert(
    fc.property(hash, (text) => {
      const found = parseRoute(text);
      expect(VIEWS).toContain(found.view);
      expect(parseRoute(formatRoute(found))).toEqual(found);
    }),
  );
});

test('only the map has a point, and only a whole number is one', () => {
  expect(parseRoute('#map/1234')).toEqual({ view: 'map', point: 1234 });
  expect(parseRoute('#report/7')).toEqual({ view: 'report' });
  for (const text of ['#map/-1', '#map/1.5', '#map/x', '#map/', '#nowhere/3', '']) {
    expect(parseRoute(text), text).toEqual({ view: 'map' });
  }
  expect(formatRoute({ view: 'report', point: 3 })).toBe('#report');
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
  expect(tabs(images)).toEqual([...all, 'studies', 'draw']);
  expect(tabs(colour)).toEqual(all);
  expect(tabs(matrix)).toEqual([...all, 'row']);
  expect(tabs(table)).toEqual([...all, 'row']);
  expect(tabs(undefined)).toEqual([...all, 'studies', 'draw']);
});

test('a view that is not there says why, with what the model was trained on', () => {
  expect(explainUnavailable('draw', colour)).toContain('3 channels');
  expect(explainUnavailable('draw', table)).toContain('rows of numbers');
  expect(explainUnavailable('draw', { ...images, sprites: null })).toContain('black and white');
  expect(explainUnavailable('row', images)).toContain('takes images');
  expect(explainUnavailable('studies', table)).toContain('orders');
});

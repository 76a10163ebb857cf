import { describe, expect, test } from 'vitest';
import { linearScale } from '../../../dashboard/common/scale.ts';
import { describeContrast, nameClusters } from '../../../dashboard/data/cluster-names.ts';
import type { Column } from '../../../dashboard/data/columns.ts';
import { cellAt, measureDensity, traceContours } from '../../../dashboard/data/density.ts';
import { surveyLandscape } from '../../../dashboard/data/landscape.ts';
import { Random } from '../../../kernels/random.ts';

/** Round groups of points around places, so many each. */
function groups(centres: readonly (readonly [x: number, y: number, count: number])[]) {
  const random = new Random(5);
  const places = centres.flatMap(([x, y, count], group) =>
    Array.from({ length: count }, () => ({ x: x + random.normal(), y: y + random.normal(), group })),
  );
  return {
    group: places.map(({ group }) => group),
    x: Float32Array.from(places, ({ x }) => x),
    y: Float32Array.from(places, ({ y }) => y),
    shown: new Uint8Array(places.length).fill(1),
  };
}

const THREE = groups([
  [0, 0, 300],
  [12, 0, 600],
  [6, 14, 400],
]);

describe('the density of a map', () => {
  test('adds up to the points that are shown, and is spread evenly around a single one', () => {
    const shown = THREE.shown.map((_, i) => i % 2);
    const { values } = measureDensity(THREE.x, THREE.y, shown, 2);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(650, 6);
    const one = measureDensity(Float32Array.of(0, 1, 0), Float32Array.of(0, 1, 0), Uint8Array.of(0, 1, 0), 1);
    const at = cellAt(one, 1, 1);
    const across = [-3, -2, -1, 0, 1, 2, 3].map((step) => one.values[at + step]! / one.values[at]!);
    // Three means of three cells are the binomial weights of the seventh row.
    for (const [k, weight] of [1, 3, 6, 7, 6, 3, 1].entries()) expect(across[k]).toBeCloseTo(weight / 7, 9);
  });

  test('has lines that close around each group, and none without points', () => {
    const { paths } = traceContours(measureDensity(THREE.x, THREE.y, THREE.shown, 2));
    expect(paths).toHaveLength(5);
    expect(paths[0]).toMatch(/^M[\d. L]+Z/);
    expect(paths[2]!.split('M').length - 1).toBeGreaterThanOrEqual(3);
    const none = traceContours(measureDensity(THREE.x, THREE.y, new Uint8Array(1300), 2));
    expect(none.paths.join('')).toBe('');
  });
});

describe('clusters', () => {
  test('are the groups, the largest first, each named at its place', () => {
    const { clusters } = surveyLandscape(THREE);
    expect(clusters.places).toHaveLength(3);
    for (const [code, [x, y]] of [
      [12, 0],
      [6, 14],
      [0, 0],
    ].entries()) {
      expect(Math.hypot(clusters.places[code]!.x - x!, clusters.places[code]!.y - y!)).toBeLessThan(1.5);
    }
    const order = [2, 0, 1];
    const right = THREE.group.filter((group, i) => order[group] === clusters.codes[i]).length;
    expect(right).toBeGreaterThan(0.98 * 1300);
  });

  test('leave out points that are not shown, and groups of a few points', () => {
    const many = groups([
      [0, 0, 500],
      [15, 0, 5],
    ]);
    expect(surveyLandscape(many).clusters.places).toHaveLength(1);
    const shown = THREE.shown.map((_, i) => Number(THREE.group[i] !== 1));
    const { codes, places } = surveyLandscape({ ...THREE, shown }).clusters;
    expect(places).toHaveLength(2);
    expect(codes.filter((_, i) => THREE.group[i] === 1).every((code) => code === -1)).toBe(true);
  });

  test('are named by the columns of the data that set them apart', () => {
    const load = Float64Array.from(THREE.group, (group, i) => (group === 2 ? 9 : 1) + (i % 3));
    const named = { own: true, missing: 'missing' };
    const columns: Column[] = [
      {
        ...named,
        key: 'a',
        name: 'site',
        kind: 'category',
        categories: ['hill', 'north'],
        codes: THREE.group.map((group) => Number(group === 0)),
      },
      {
        ...named,
        key: 'b',
        name: 'boost',
        kind: 'category',
        categories: ['false', 'true'],
        codes: THREE.group.map((group) => Number(group === 1)),
      },
      { ...named, key: 'c', name: 'load', kind: 'number', values: load, scale: linearScale(load) },
      { key: 'score', name: 'Score', kind: 'number', values: load, scale: linearScale(load) },
    ];
    const names = nameClusters(surveyLandscape(THREE).clusters, columns, THREE.shown);
    expect(names[0]).toBe('boost');
    expect(names[1]).toMatch(/^high load/);
    expect(names[2]).toMatch(/^north/);
    expect(names.join()).not.toContain('Score');
  });

  test('are compared with the points that are shown alone', () => {
    const shown = Uint8Array.from(THREE.group, (group) => Number(group !== 1));
    const site: Column = {
      key: 'site',
      name: 'site',
      own: true,
      kind: 'category',
      categories: ['hill', 'north'],
      // All that is shown is on the hill.
      codes: Int16Array.from(shown, (flag) => 1 - flag),
      missing: 'missing',
    };
    const { clusters } = surveyLandscape({ ...THREE, shown });
    expect(clusters.places).toHaveLength(2);
    expect(nameClusters(clusters, [site], shown)).toEqual(['', '']);
    expect(nameClusters(clusters, [site], THREE.shown)).toEqual(['hill', 'hill']);
  });

  test('have names in words: of yes and no, categories, missing values and numbers', () => {
    const say = (name: string, size: number, category?: string) =>
      describeContrast({ key: name, name, size, here: '', all: '', ...(category && { category }) });
    expect(say('boost', 2, 'true')).toBe('boost');
    expect(say('boost', -2, 'true')).toBe('no boost');
    expect(say('boost', 2, 'no')).toBe('no boost');
    expect(say('site', 2, 'hill')).toBe('hill');
    expect(say('site', -2, 'hill')).toBe('not hill');
    expect(say('income', 2, 'missing')).toBe('no income given');
    expect(say('load', -1)).toBe('low load');
  });
});

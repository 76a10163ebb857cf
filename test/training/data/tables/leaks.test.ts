import { describe, expect } from 'vitest';
import { findWarnings } from '../../../../training/commands/warnings.ts';
import { openSource } from '../../../../training/data/source.ts';
import { test } from '../temporary.ts';
import { kindsOf, lines, written } from './tables.ts';

/** Rows of which each twentieth is anomalous, with noise beside the label. */
const isAnomalous = (i: number): boolean => i % 20 === 7;
const rows = (folder: string, name: string, count: number, value: (i: number) => string | number) =>
  written(
    folder,
    'leak.csv',
    lines(`x,y,"${name}",label`, count, (i) =>
      [Math.sin(i).toFixed(4), Math.cos(i * i).toFixed(4), value(i), Number(isAnomalous(i))].join(),
    ),
  );

const ATTACKS = ['DoS', 'Fuzzers', 'Exploits'];
const attack = (i: number) => (isAnomalous(i) ? ATTACKS[i % 3] : 'Normal');

describe('a column gives the label away', () => {
  for (const [what, name, value, kind] of [
    ['kinds of attack', 'attack_cat', attack, 'category'],
    [
      'kinds of attack, none of which is empty',
      'attack_cat',
      (i) => attack(i).replace('Normal', ''),
      'category',
    ],
    ['kinds of failure', 'Failure Type', (i) => attack(i).replace('Normal', 'No Failure'), 'category'],
    [
      'words that contradict a row',
      'type',
      (i) => (i === 27 ? 'benign' : attack(i).replace('Normal', 'benign')),
      'category',
    ],
    [
      'other words, if no row contradicts',
      'type',
      (i) => (isAnomalous(i) ? ATTACKS[i % 3] : ['a', 'b'][i % 2]),
      'category',
    ],
    ['a copy', 'copy', (i) => Number(isAnomalous(i)), 'flag'],
    ['the contrary', 'fine', (i) => (isAnomalous(i) ? 'no' : 'yes'), 'flag'],
    ['another pair of numbers', 'code', (i) => (isAnomalous(i) ? 2 : 1), 'number'],
    ['a severity', 'severity', (i) => (isAnomalous(i) ? 1 + (i % 4) : 0), 'number'],
    ['a duration', 'hours down', (i) => (isAnomalous(i) ? (i / 7).toFixed(2) : 0), 'number'],
    ['what only anomalous rows have', 'cost', (i) => (isAnomalous(i) ? (i / 7).toFixed(2) : ''), 'number'],
    [
      'a date that only they have',
      'repaired',
      (i) => (isAnomalous(i) ? `2024-0${1 + (i % 9)}-11` : ''),
      'date',
    ],
  ] satisfies [string, string, (i: number) => string | number, string][]) {
    test(`: ${what}`, async ({ folder }) => {
      const path = await rows(folder, name, 600, value);
      const { kinds, excluded } = await kindsOf(path);
      expect(Object.keys(kinds)).toEqual(['x', 'y']);
      const word = name.includes(' ') ? `'${name}'` : name;
      expect(excluded).toEqual({
        [name]: `gives the label away, as its values go with those of label in nearly every row; --types ${word}=${kind} keeps it`,
      });
      expect((await kindsOf(path, { types: { [name]: kind as 'flag' } })).kinds).toHaveProperty([name], kind);
      // Without a label there is nothing to give away.
      if (kind === 'category') return;
      expect((await kindsOf(path, { exclude: ['label'] })).kinds).toHaveProperty([name], kind);
    });
  }
});

describe('a column gives no label away', () => {
  for (const [what, count, value] of [
    ['a category', 600, (i) => 'abc'[i % 3]],
    ['a value that only anomalous rows have', 600, (i) => (i % 40 === 7 ? 'odd' : 'abc'[i % 3])],
    ['a flag that is constant among normal rows', 600, (i) => Number(i % 40 === 7)],
    ['a flag that is constant among anomalous rows', 600, (i) => (isAnomalous(i) ? 1 : i % 2)],
    ['a flag that agrees by chance in a small table', 100, (i) => Number(isAnomalous(i))],
    ['a category of nearly as many values as rows', 600, (i) => `k${Math.floor(i / 4)}${isAnomalous(i)}`],
    ['a measurement that separates the classes', 600, (i) => (isAnomalous(i) ? 9 : 0) + (i % 9) / 10],
    ['a measurement that anomalous rows have in common', 600, (i) => (isAnomalous(i) ? 99 : i % 17)],
    ['a count that is 0 in nearly all normal rows', 600, (i) => (isAnomalous(i) ? 3 : Number(i === 5))],
    ['a good that is good', 600, (i) => (isAnomalous(i) && i % 3 ? 'bad' : 'good')],
    ['gaps among the anomalous rows', 600, (i) => (isAnomalous(i) ? '' : (i / 7).toFixed(2))],
  ] satisfies [string, number, (i: number) => string | number][]) {
    test(`: ${what}`, async ({ folder }) => {
      const { kinds, excluded } = await kindsOf(await rows(folder, 'z', count, value));
      expect([Object.keys(kinds).sort(), Object.keys(excluded)]).toEqual([['x', 'y', 'z'], []]);
    });
  }
});

describe('columns give the label away together', () => {
  const KINDS = [0, 1, 2] as const;
  const table = (folder: string, normal: string, cell: (i: number, kind: number) => string | number) =>
    written(
      folder,
      'kinds.csv',
      lines(`x,y,DoS,Fuzzers,Exploits${normal},label`, 1200, (i) =>
        [
          Math.sin(i).toFixed(4),
          Math.cos(i * i).toFixed(4),
          ...KINDS.map((kind) => cell(i, kind)),
          ...(normal ? [Number(!isAnomalous(i))] : []),
          Number(isAnomalous(i)),
        ].join(),
      ),
    );
  const isKind = (i: number, kind: number) => isAnomalous(i) && i % 3 === kind;

  test('as kinds of failures do, or categories that are a column each', async ({ folder }) => {
    for (const [normal, cell] of [
      ['', (i, kind) => Number(isKind(i, kind))],
      [',attack_Normal', (i, kind) => Number(isKind(i, kind))],
      ['', (i, kind) => (isKind(i, kind) ? 'yes' : 'no')],
      ['', (i, kind) => (isKind(i, kind) ? 'seen' : 'not seen')],
    ] satisfies [string, (i: number, kind: number) => string | number][]) {
      const { kinds, excluded } = await kindsOf(await table(folder, normal, cell));
      expect(Object.keys(kinds)).toEqual(['x', 'y']);
      expect(excluded.Fuzzers).toMatch(
        /^gives the label away together with DoS, Exploits, as their values .* --types Fuzzers=(flag|category) keeps it$/,
      );
    }
  });

  test('but not if they leave some anomalous rows out, or normal rows have them', async ({ folder }) => {
    for (const cell of [
      (i: number, kind: number) => Number(isKind(i, kind) && Math.floor(i / 20) % 4 > 0),
      (i: number, kind: number) => Number(isKind(i, kind) || i % 13 === 0),
    ]) {
      expect((await kindsOf(await table(folder, '', cell))).excluded).toEqual({});
    }
    const path = await table(folder, '', (i, kind) => Number(isKind(i, kind)));
    const kept = await kindsOf(path, { types: { DoS: 'flag' } });
    expect([Object.keys(kept.kinds), kept.excluded]).toEqual([['x', 'y', 'DoS', 'Fuzzers', 'Exploits'], {}]);
  });
});

test('without a label, kinds of anomalies are left out if a word tells that some rows are none', async ({
  folder,
}) => {
  for (const [name, value, out] of [
    ['attack_cat', attack, true],
    ['Failure Type', (i) => attack(i).replace('Normal', 'No Failure'), true],
    ['Fehlerart', attack, true],
    ['fault type', (i) => ATTACKS[i % 3], false],
    ['pressure', attack, false],
  ] satisfies [string, (i: number) => string, boolean][]) {
    const path = await rows(folder, name, 600, value);
    const source = await openSource(path, { exclude: ['label'], calibration: 99 });
    await source.close();
    expect(source.names).toEqual(out ? ['x', 'y'] : ['x', 'y', name]);
    const [warning] = findWarnings(source);
    if (out) expect(warning).toMatch(`column ${name} has the name of a label, but it has values "DoS", `);
    else expect(warning).toBeUndefined();
    const kept = await kindsOf(path, { exclude: ['label'], types: { [name]: 'category' } });
    expect(kept.kinds).toHaveProperty([name], 'category');
  }
});

test('a column that gives the label away is named in a warning', async ({ folder }) => {
  const source = await openSource(await rows(folder, 'attack_cat', 600, attack), { calibration: 99 });
  await source.close();
  expect(findWarnings(source)).toEqual([
    'column attack_cat is left out: it gives the label away, as its values go with those of label in nearly every row; --types attack_cat=category keeps it',
  ]);
});

test('of very many such columns, the first ones are named', async ({ folder }) => {
  const names = Array.from({ length: 25 }, (_, k) => `copy${k}`);
  const cells = (i: number) => names.map((_, k) => (isAnomalous(i) ? k : k + 1));
  const path = await written(
    folder,
    'many.csv',
    lines(`x,${names.join()},label`, 600, (i) => [Math.sin(i), ...cells(i), Number(isAnomalous(i))].join()),
  );
  const source = await openSource(path, { calibration: 99 });
  await source.close();
  const warnings = findWarnings(source);
  expect(warnings).toHaveLength(21);
  expect(warnings[20]).toBe(
    '5 more columns left out because of the label: npx offmanifold inspect lists all',
  );
});

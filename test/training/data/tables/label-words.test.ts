import { describe, expect } from 'vitest';
import { findWarnings } from '../../../../training/commands/warnings.ts';
import { openSource } from '../../../../training/data/source.ts';
import { orderClasses, tellClasses } from '../../../../training/data/tables/label-classes.ts';
import { rankLabelName } from '../../../../training/data/tables/label-names.ts';
import { sortPair } from '../../../../training/data/tables/label-question.ts';
import { test } from '../temporary.ts';
import { lines, written } from './tables.ts';

const order = (values: readonly string[]) => orderClasses(values, undefined);

describe('of two values, it is known which is anomalous', () => {
  for (const [normal, anomalous] of [
    ['0', '1'],
    ['0.0', '1.0'],
    ['False', 'True'],
    ['nein', 'ja'],
    ['non', 'oui'],
    ['n', 'y'],
  ] as const) {
    test(`unless most rows have it: ${normal}, ${anomalous}`, () => {
      for (const pair of [
        [normal, anomalous],
        [anomalous, normal],
      ]) {
        expect([order(pair), tellClasses(pair)]).toEqual([[normal, anomalous], false]);
      }
    });
  }

  for (const [normal, anomalous] of [
    ['normal', 'attack'],
    ['normal', 'anormal'],
    ['Normal', 'neptune'],
    ['BENIGN', 'DDoS'],
    ['NORMAL', 'PNEUMONIA'],
    ['No Failure', 'Power Failure'],
    ['i.O.', 'n.i.O.'],
    ['iO', 'niO'],
    ['gut', 'schlecht'],
    ['OK', 'NOK'],
    ['OK', 'NG'],
    ['ok', 'not ok'],
    ['PASS', 'Fail'],
    ['good', 'defekt'],
    ['ok', 'Störung'],
    ['ok', 'Sto\u0308rung'],
    ['non-fraud', 'fraud'],
    ['negative', 'positive'],
  ] as const) {
    test(`even if most rows have it: ${normal}, ${anomalous}`, () => {
      for (const pair of [
        [normal, anomalous],
        [anomalous, normal],
      ]) {
        expect([order(pair), tellClasses(pair)]).toEqual([[normal, anomalous], true]);
      }
      const counted = [normal, anomalous].map((value, i) => ({ value, rows: i ? 319 : 81 }));
      expect(sortPair([counted[1], counted[0]]).map(({ value }) => value)).toEqual([normal, anomalous]);
    });
  }

  for (const pair of [
    ['-1', '1'],
    ['0', '-1'],
    ['1', '2'],
    ['left', 'right'],
    ['B', 'M'],
    ['good', 'fair'],
    ['ok', 'good'],
    ['fraud', 'attack'],
    ['+', '-'],
  ] as const) {
    test(`not of ${pair.join(', ')}`, () => {
      expect([order(pair), tellClasses(pair)]).toEqual([undefined, false]);
      const counted = pair.map((value, i) => ({ value, rows: i ? 10 : 90 }));
      expect(sortPair([counted[1], counted[0]])[1].value).toBe(pair[1]);
    });
  }
});

test.each([
  ...[
    'label',
    'Class',
    'is_anomaly',
    'isFraud',
    'Is Fraud',
    'y',
    'gt',
    'GT',
    'ground truth',
    'Pass/Fail',
    'pass_fail',
  ],
  ...[
    'Machine failure',
    'class_label',
    'Klasse',
    'Anomalie',
    'ist_Anomalie',
    'Störung',
    'Sto\u0308rung',
    'STOERUNG',
  ],
  ...[
    'Ausfall',
    'Fehler',
    'defekt',
    'Ausreißer',
    'is_outlier',
    'anomaly_label',
    'défaut',
    'clase',
    'is_attack',
  ],
])('the name of a label: %s', (name) => expect(rankLabelName(name)).toBeGreaterThanOrEqual(0));

test.each([
  ...[
    'x',
    'classic',
    'state',
    'classification_time',
    'label_width',
    'passenger',
    'failsafe',
    'is_member',
    'Y2',
    'gtin',
  ],
  ...['Klassenraum', 'attack_speed', 'target_temperature', 'Fehlerstrom'],
])('no name of a label: %s', (name) => expect(rankLabelName(name)).toBeUndefined());

describe('without a label, a column with two values is warned about', () => {
  const said = async (folder: string, [usual, rare]: readonly [string, string], every: number) => {
    const row = (i: number) => [Math.sin(i), Math.cos(i), i % every ? usual : rare].join();
    const path = await written(folder, 'two.csv', lines('x,y,state', 800, row));
    const source = await openSource(path, { calibration: 99 });
    await source.close();
    return findWarnings(source);
  };

  for (const [pair, every, how, option] of [
    [['0', '1'], 20, 'one of them in only 5% of the rows', ''],
    [['1', '0'], 20, 'one of them in only 5% of the rows', ' --anomalous "0"'],
    [['-1', '1'], 20, 'one of them in only 5% of the rows', ' --anomalous "1"'],
    [['1', '2'], 20, 'one of them in only 5% of the rows', ' --anomalous "2"'],
    [['1.0', '2.0'], 20, 'one of them in only 5% of the rows', ' --anomalous "2"'],
    [['on', 'off'], 20, 'one of them in only 5% of the rows', ' --anomalous "off"'],
    [['good', 'bad'], 20, 'one of them in only 5% of the rows', ''],
    [['pass', 'fail'], 4, '"pass" and "fail"', ''],
    [['fail', 'pass'], 4, '"pass" and "fail"', ' --anomalous "fail"'],
    [['i.O.', 'n.i.O.'], 4, '"i.O." and "n.i.O."', ''],
    [['normal', 'anormal'], 2, '"normal" and "anormal"', ''],
  ] as const) {
    test(`: ${pair.join(', ')}, each ${every}`, async ({ folder }) => {
      expect(await said(folder, pair, every)).toEqual([
        `there is no label, so the model also learns from state, which has two values, ${how}; if it marks the anomalies, add to train: --label "state"${option}`,
      ]);
    });
  }

  test.for([
    [['0', '1'], 4],
    [['1', '2'], 4],
    [['0.5', '0.25'], 20],
    [['good', 'bad'], 4],
    [['m', 'f'], 2],
  ] as const)('but not %j, each %i', async ([pair, every], { folder }) => {
    expect(await said(folder, pair, every)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { orderClasses, tellClasses } from '../../../../training/data/tables/label-classes.ts';
import { rankLabelName } from '../../../../training/data/tables/label-names.ts';
import { sortPair } from '../../../../training/data/tables/label-question.ts';

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

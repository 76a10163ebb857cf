import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DURATION } from '../../bundle/notation.ts';
import { parseNumber } from '../../bundle/number-text.ts';

const US = { decimal: '.', group: ',', unit: '' } as const;
const GERMAN = { decimal: ',', group: '.', unit: '' } as const;
const SWISS = { decimal: '.', group: "'", unit: '' } as const;
const FRENCH = { decimal: ',', group: ' ', unit: '€' } as const;

describe('a text is a number', () => {
  test('if it is a plain decimal, as JavaScript reads it', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => x !== 0),
        (value) => {
          expect(parseNumber(String(value))).toBe(value);
          expect(parseNumber(` ${value.toExponential()}\u00a0`)).toBe(Number(value.toExponential()));
        },
      ),
    );
    for (const [text, value] of [
      ['+5', 5],
      ['.5', 0.5],
      ['5.', 5],
      ['1E+1', 10],
      ['0012', 12],
      ['\u22125', -5],
      ['1e-400', 0],
      ['1e400', Number.POSITIVE_INFINITY],
      ['1.5D+03', 1500],
      ['-0.25d-01', -0.025],
      ['="12.5"', 12.5],
      ["'12.5", 12.5],
      ['\u200e12.5\u200f', 12.5],
      ['\ufeff\u200b12.5', 12.5],
      ['\u202a-12.5\u202c', -12.5],
    ] as const) {
      expect(parseNumber(text), text).toBe(value);
    }
  });

  test('and in no other form', () => {
    for (const text of [
      '0x10',
      '0b11',
      '1_0',
      'Infinity',
      'nan',
      '12f',
      '१२',
      '１２',
      '1,5',
      '1 000',
      '-',
      '',
      '+',
      'e5',
      '1e',
      '--5',
      '5-',
      '1.5D3',
      '12D+03',
      '="a"',
      "'a",
      '1\u200b2',
    ]) {
      expect(parseNumber(text), text).toBeUndefined();
    }
  });

  test('in the notation of its column', () => {
    for (const [text, notation, value] of [
      ['8,102.10', US, 8102.1],
      ['832.25', US, 832.25],
      ['1,00,000', US, 100_000],
      ['-1,234', US, -1234],
      ['(1,234.50)', US, -1234.5],
      ['1,23', US, undefined],
      ['0,123', US, undefined],
      ['1.234,5', GERMAN, 1234.5],
      ['12,5', GERMAN, 12.5],
      ['12.5', GERMAN, undefined],
      ['1.21.204', GERMAN, undefined],
      ['7053-RED', { ...US, unit: 'RED' }, undefined],
      ['1 234,50 €', FRENCH, 1234.5],
      ['1\u202f234 €', FRENCH, 1234],
      ['€ 5', FRENCH, 5],
      ['-5,5 €', FRENCH, -5.5],
      ['5 $', FRENCH, undefined],
      ['7', FRENCH, 7],
      ['55.5%', { decimal: '.', group: '', unit: '%' }, 55.5],
      ['$(5)', { decimal: '.', group: '', unit: '$' }, -5],
      ['-$5.10', { decimal: '.', group: '', unit: '$' }, -5.1],
      ['12 km/h', { decimal: '.', group: '', unit: 'km/h' }, 12],
      ["1'234.5", SWISS, 1234.5],
      ['-1\u2019234.5', SWISS, -1234.5],
      ['1\u02bc234\u02bc567', SWISS, 1_234_567],
      ['CHF -1\u2019234.50', { ...SWISS, unit: 'CHF' }, -1234.5],
      ['1\u2019234.50 CHF', { ...SWISS, unit: 'CHF' }, 1234.5],
      ['1.234,50-', GERMAN, -1234.5],
      ['(1.234,50-)', GERMAN, undefined],
      ['12- €', FRENCH, -12],
      ['335.77 руб.', { decimal: '.', group: '', unit: 'руб.' }, 335.77],
      ['5.25° S', { decimal: '.', group: '', unit: '° S' }, 5.25],
      ['="1,234.50"', US, 1234.5],
    ] as const) {
      expect(parseNumber(text, notation), text).toBe(value);
    }
  });

  test('of seconds, if its column has durations', () => {
    for (const [text, value] of [
      ['17:59:42', 64_782],
      ['4830', 4830],
      ['0.5', 0.5],
      ['1:60:00', undefined],
      ['5 kg', undefined],
    ] as const) {
      expect(parseNumber(text, DURATION), text).toBe(value);
    }
  });
});

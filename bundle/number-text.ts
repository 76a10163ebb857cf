import { plainText } from './cell-text.ts';
import { parseDuration } from './duration.ts';
import { DURATION, type Notation } from './notation.ts';

/** Plain decimals, the numbers of JSON with more freedom: a sign, and no digits before or after the point. */
const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Longer texts are no numbers. */
const LONGEST = 128;

/** 1.5D+03 of Fortran, with an exponent after a D. */
const DOUBLE = /^([+-]?\d*\.\d*)d(?=[+-]\d\d)/i;

/** Parses a number; undefined if the text is none in this notation. Infinite if it is too large for a float64. */
export function parseNumber(text: string, notation?: Notation | typeof DURATION): number | undefined {
  if (text.length > LONGEST) return undefined;
  const trimmed = plainText(text).replace('\u2212', '-').replace(DOUBLE, '$1e');
  if (notation !== undefined && notation !== DURATION) return parseNotation(trimmed, notation);
  const plain = PLAIN.test(trimmed) ? Number(trimmed) : undefined;
  return plain === undefined && notation === DURATION ? parseDuration(trimmed) : plain;
}

const patterns = new Map<string, RegExp>();

/** The digits of a number without sign, in groups or not. A number in groups does not begin with 0. */
function digitPattern({ decimal, group }: Notation): RegExp {
  const key = decimal + group;
  const known = patterns.get(key);
  if (known) return known;
  const between =
    group === ' '
      ? '[ \\u00a0\\u2009\\u202f]'
      : group === '.'
        ? '\\.'
        : group === "'"
          ? "['\u2019\u02bc]"
          : group;
  // 1.21.204 is a version.
  const lakhs = group === '.' ? '3' : '2,3';
  const groups = group === '' ? '' : `|[1-9]\\d{0,2}(?:${between}\\d{${lakhs}})*${between}\\d{3}`;
  const point = decimal === '.' ? '\\.' : ',';
  const pattern = new RegExp(`^(?:(?:\\d+${groups})(?:${point}\\d*)?|${point}\\d+)(?:e[+-]?\\d+)?$`, 'i');
  patterns.set(key, pattern);
  return pattern;
}

/** Parses a number with its unit, its sign or its brackets, which make it negative as in accounting. */
function parseNotation(text: string, notation: Notation): number | undefined {
  const { text: digits, unit, negative } = splitUnit(text);
  if (unit !== '' && unit !== notation.unit) return undefined;
  if (!digitPattern(notation).test(digits)) return undefined;
  const plain =
    notation.decimal === '.' ? digits.replaceAll(/[^\d.e+-]/gi, '') : digits.replaceAll(/[^\d,e+-]/gi, '');
  const value = Number(plain.replace(',', '.'));
  return negative ? -value : value;
}

/** Currencies alone stand before a number: A7 and row 5 are names. */
const UNIT_BEFORE = new RegExp(
  String.raw`^(?:[A-Z]{0,3}\p{Sc}|Rs\.?|kr\.?|S?Fr\.|` +
    'AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KES|KRW|MAD|MXN|MYR|NGN|' +
    String.raw`NOK|NZD|PEN|PHP|PKR|PLN|QAR|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR)\s*`,
  'u',
);
/** A word, perhaps cut as in руб., or a direction on the globe. */
const UNIT_AFTER = /\s*(?:°\s?[NESW]|[^\d\s+\-.,'’ʼ()][^\d\s+\-.,'’ʼ()]{0,7}\.?)$/u;

/** Splits a text into sign, digits and unit: $1,234.50 or (12 kg). */
export function splitUnit(text: string): { text: string; unit: string; negative: boolean } {
  let rest = text;
  let negative = false;
  let unit = '';
  let signed = false;
  const takeSign = () => {
    if (signed || !/^[(+-]|\d-$/.test(rest)) return;
    signed = true;
    if (/^\(.*\)$/.test(rest)) [negative, rest] = [true, rest.slice(1, -1).trim()];
    // As in accounts: 12.50-.
    else if (/\d-$/.test(rest)) [negative, rest] = [true, rest.slice(0, -1)];
    else if (/^[+-]/.test(rest)) [negative, rest] = [negative || rest[0] === '-', rest.slice(1).trimStart()];
  };
  takeSign();
  const before = UNIT_BEFORE.exec(rest)?.[0];
  if (before !== undefined) {
    [unit, rest] = [before.trim(), rest.slice(before.length)];
    takeSign();
  } else {
    const after = UNIT_AFTER.exec(rest)?.[0];
    if (after !== undefined) {
      [unit, rest] = [after.trim(), rest.slice(0, rest.length - after.length)];
      // 7053-RED is a name.
      if (/^\s/.test(after) || !rest.endsWith('-')) takeSign();
    }
  }
  return { text: rest, unit, negative };
}

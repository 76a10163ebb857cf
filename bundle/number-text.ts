/** How the numbers of a column are written, if not as plain decimals such as -1234.5 or 1e3. */
export interface Notation {
  readonly decimal: '.' | ',';
  /** What stands between groups of digits; empty if nothing does. A space is any kind of space. */
  readonly group: '' | ',' | '.' | ' ' | "'";
  /** What stands before or after each number, such as €, kg or %; empty if nothing does. */
  readonly unit: string;
}

/** Texts such as 17:59:42, 2 days 03:00:00, 1h 30m or PT1H30M, which are numbers of seconds. */
export const DURATION = 'duration';

/** Plain decimals, the numbers of JSON with more freedom: a sign, and no digits before or after the point. */
const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Longer texts are no numbers. */
const LONGEST = 128;

const CLOCK = /^([+-])?(?:(\d+) ?d(?:ays?)?,? ?)?(\d{1,7}):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?$/i;
/** What stands between two parts. */
const NEXT = '(?:,? |(?=\\d)|$)';
const WORDS = new RegExp(
  `^([+-])?(?:(\\d+) ?d(?:ays?)?${NEXT})?(?:(\\d+) ?h(?:rs?|ours?)?${NEXT})?` +
    `(?:(\\d+) ?m(?:ins?|inutes?)?${NEXT})?(?:(\\d+(?:[.,]\\d+)?) ?s(?:ecs?|econds?)?)?$`,
  'i',
);
const PERIOD = /^([+-])?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

/** Parses a number; undefined if the text is none in this notation. Infinite if it is too large for a float64. */
export function parseNumber(text: string, notation?: Notation | typeof DURATION): number | undefined {
  if (text.length > LONGEST) return undefined;
  const trimmed = text.trim().replace('\u2212', '-');
  if (notation === DURATION) return parseDuration(trimmed);
  if (notation !== undefined) return parseNotation(trimmed, notation);
  return PLAIN.test(trimmed) ? Number(trimmed) : undefined;
}

/** Parses a duration to seconds. */
function parseDuration(text: string): number | undefined {
  const [, sign, ...parts] = CLOCK.exec(text) ?? WORDS.exec(text) ?? PERIOD.exec(text) ?? [];
  if (parts.every((part) => part === undefined)) return undefined;
  const [days, hours, minutes, seconds] = parts.map((part) => Number(part?.replace(',', '.') ?? 0));
  const total = ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
  return sign === '-' ? -total : total;
}

const patterns = new Map<string, RegExp>();

/** The digits of a number without sign, in groups or not. A number in groups does not begin with 0. */
function digitPattern({ decimal, group }: Notation): RegExp {
  const key = decimal + group;
  const known = patterns.get(key);
  if (known) return known;
  const between = group === ' ' ? '[ \\u00a0\\u2009\\u202f]' : group === '.' ? '\\.' : group;
  const groups = group === '' ? '' : `|[1-9]\\d{0,2}(?:${between}\\d{2,3})*${between}\\d{3}`;
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
const UNIT_BEFORE =
  /^(?:[A-Z]{0,3}\p{Sc}|Rs\.?|kr\.?|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MXN|NOK|NZD|PLN|RUB|SEK|SGD|THB|TRY|USD|ZAR)\s*/u;
const UNIT_AFTER = /\s*[^\d\s+\-.,'()][^\d\s+\-.,'()]{0,7}$/u;

/** Splits a text into sign, digits and unit: $1,234.50 or (12 kg). */
export function splitUnit(text: string): { text: string; unit: string; negative: boolean } {
  let rest = text;
  let negative = false;
  let unit = '';
  let signed = false;
  const takeSign = () => {
    if (signed || !/^[(+-]/.test(rest)) return;
    signed = true;
    if (/^\(.*\)$/.test(rest)) [negative, rest] = [true, rest.slice(1, -1).trim()];
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
      takeSign();
    }
  }
  return { text: rest, unit, negative };
}

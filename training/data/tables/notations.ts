import { plainText } from '../../../bundle/cell-text.ts';
import { DURATION, type Notation } from '../../../bundle/notation.ts';
import { parseNumber, splitUnit } from '../../../bundle/number-text.ts';
import { allowedStrays, MANY, STRAY } from './guess.ts';

/** Notations of digits, the most usual one first. */
const DIGITS: readonly Pick<Notation, 'decimal' | 'group'>[] = [
  { decimal: '.', group: '' },
  { decimal: '.', group: ',' },
  { decimal: ',', group: '' },
  { decimal: ',', group: '.' },
  { decimal: '.', group: ' ' },
  { decimal: ',', group: ' ' },
  { decimal: '.', group: "'" },
  { decimal: ',', group: "'" },
];

/** The notation of a column's numbers, or why it is unclear; neither if they are no numbers. */
export interface FoundNotation {
  readonly found?: Notation | typeof DURATION;
  readonly unclear?: string;
}

/** More units than this are no units. */
const MOST_UNITS = 5;

/**
 * Finds the notation in which the texts of a column are numbers: durations, or numbers with one unit, and with commas,
 * points, spaces or apostrophes that have one meaning throughout. `fits` says how many texts may not be such numbers, and
 * `typed` how many other values of the column are numbers by their type.
 */
export function findNotation(
  texts: readonly string[],
  decimal: Notation['decimal'] | undefined,
  fits: (misfits: number) => boolean,
  typed = 0,
): FoundNotation {
  if (texts.length === 0) return {};
  const misfits = (notation: Notation | typeof DURATION) =>
    texts.reduce((sum, text) => sum + Number(parseNumber(text, notation) === undefined), 0);
  const units = countUnits(texts);
  const [unit, ...others] = [...units.keys()].filter((unit) => unit !== '');
  const candidates = DIGITS.filter((digits) => decimal === undefined || digits.decimal === decimal)
    .map((digits): Notation => ({ ...digits, unit: unit ?? '' }))
    .filter((notation) => fits(misfits(notation)));
  const [first] = candidates;
  // 5 m may be metres or minutes: of 5 m and 1 h 20 m, only minutes make numbers.
  const lasting = misfits(DURATION);
  if (fits(lasting) && !candidates.some((notation) => misfits(notation) <= lasting)) {
    return findMixedClocks(texts) ?? findBare(texts, DURATION, typed) ?? { found: DURATION };
  }
  if (first === undefined) {
    const plausible = others.length > 0 && areUnits(texts, units) && fits(texts.length - countNumeric(texts));
    return plausible ? { unclear: describeUnits(unit, others[0]) } : {};
  }
  if (unit !== undefined && isLetterOf(texts, unit)) return {};
  return findTwoMeanings(texts, candidates) ?? findBare(texts, first, typed) ?? { found: first };
}

const describeUnits = (unit: string, other: string): string =>
  `its numbers have different units, such as ${JSON.stringify(unit)} and ${JSON.stringify(other)}: convert them to one`;

/** With a comma in each of its numbers, and three digits behind it, a column has two meanings. */
function findTwoMeanings(
  texts: readonly string[],
  [first, ...rest]: readonly Notation[],
): FoundNotation | undefined {
  const other = rest.find(({ decimal }) => decimal !== first.decimal);
  const differs = other && texts.find((text) => parseNumber(text, first) !== parseNumber(text, other));
  return other && differs !== undefined ? askDecimal(differs, first, other) : undefined;
}

function askDecimal(text: string, first: Notation, other: Notation): FoundNotation {
  const [a, b] = [first, other].map((notation) => parseNumber(text, notation));
  return {
    unclear: `${JSON.stringify(text)} may be ${a} or ${b}: use --decimal ${first.decimal} or --decimal ${other.decimal} to say which`,
  };
}

/** A whole number below 1000, or one with a point before its last three digits: both are what thousands with points look like. */
const SHORT = /^[+-]?(?:0|[1-9]\d{0,2})$/;
const THREE_BEHIND = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

/**
 * Why it is unclear whether plain numbers have a decimal point: 1.447 beside 336 is 1447 in Germany. A column that is printed
 * with three decimals has them throughout, and other columns have a number with fewer or a longer whole one.
 */
export function findPointedThousands(texts: readonly string[]): string | undefined {
  const numbers = texts.map(plainText);
  const pointed = numbers.filter((text) => THREE_BEHIND.test(text));
  const short = numbers.filter((text) => SHORT.test(text)).length;
  if (pointed.length === 0 || short === 0 || short + pointed.length < numbers.length) return undefined;
  return askDecimal(pointed[0], { decimal: '.', group: '', unit: '' }, { decimal: ',', group: '.', unit: '' })
    .unclear;
}

/** Numbers without the unit or the form that most have: with more than a few, it is not known what they count. */
function findBare(
  texts: readonly string[],
  notation: Notation | typeof DURATION,
  typed: number,
): FoundNotation | undefined {
  if (notation !== DURATION && notation.unit === '') return undefined;
  const isBare = (text: string) =>
    notation === DURATION ? parseNumber(text) !== undefined : unitOf(text) === '';
  const bare = texts.filter((text) => isBare(text) && parseNumber(text, notation));
  const few = allowedStrays(texts.length + typed, STRAY.few);
  if (bare.length + typed <= few) return undefined;
  const full = texts.find((text) => !isBare(text) && parseNumber(text, notation) !== undefined);
  if (full === undefined) return undefined;
  const other =
    bare.length > 0 ? `, and others none, such as ${JSON.stringify(bare[0])}` : ', and others none';
  return {
    unclear: `some of its numbers have a unit, such as ${JSON.stringify(full)}${other}: convert them to one`,
  };
}

/** 54:19 beside 1:01:03: minutes and seconds, or hours and minutes. */
function findMixedClocks(texts: readonly string[]): FoundNotation | undefined {
  const short = texts.filter((text) => /^[+-]?\d+:\d\d$/.test(plainText(text)) && !/^[+-]?0+:00$/.test(text));
  const long = texts.filter((text) => /:\d\d:\d\d|:\d\d[.,]\d/.test(text));
  if (short.length === 0 || long.length === 0) return undefined;
  return {
    unclear:
      `${JSON.stringify(short[0])} may be minutes and seconds, or hours and minutes, beside ${JSON.stringify(long[0])}: ` +
      'write all with hours, minutes and seconds',
  };
}

const unitOf = (text: string): string => splitUnit(plainText(text)).unit;

/** Whether texts have so few units, and such ones, that they are units: seats such as 12A and ordinals such as 1st are none. */
function areUnits(texts: readonly string[], units: ReadonlyMap<string, number>): boolean {
  const words = [...units.keys()];
  if (units.size > MOST_UNITS || words.some((word) => /^(st|nd|rd|th|am|pm)$/i.test(word))) return false;
  if (!words.some((word) => /^\p{L}$/u.test(word))) return true;
  const distinct = new Set(texts);
  return distinct.size > MANY && texts.some((text) => /\d[.,]\d/.test(text));
}

/** Whether the unit is a letter right behind some whole numbers, and others have none: houses 12 and 12a. */
const isLetterOf = (texts: readonly string[], unit: string): boolean =>
  /^\p{L}$/u.test(unit) &&
  texts.some((text) => unitOf(text) === '') &&
  texts.every((text) => unitOf(text) === '' || /^\d+\p{L}$/u.test(plainText(text)));

/** How many texts are numbers in some notation, each with a unit of its own or none. */
export function countNumeric(texts: readonly string[]): number {
  return texts.filter((text) => isNumeric(text)).length;
}

/** An address of the internet, which looks like billions with points. */
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Whether a text is a number in some notation, with any unit. */
export function isNumeric(text: string): boolean {
  const { text: digits } = splitUnit(plainText(text));
  if (ADDRESS.test(digits) || digits.endsWith('-')) return false;
  return DIGITS.some((known) => parseNumber(digits, { ...known, unit: '' }) !== undefined);
}

/** Whether most texts are numbers, in some notations, and with units that are such. */
export const areMostlyNumeric = (texts: readonly string[]): boolean =>
  2 * countNumeric(texts) > texts.length &&
  areUnits(texts.filter(isNumeric), countUnits(texts.filter(isNumeric)));

/** The units of texts, the most frequent one first. */
function countUnits(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const unit = unitOf(text);
    counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  return new Map([...counts].sort((a, b) => b[1] - a[1]));
}

import { DURATION, type Notation, parseNumber, splitUnit } from '../../../bundle/number-text.ts';

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

/**
 * Finds the notation in which the texts of a column are numbers: durations, or numbers with one unit, and with commas,
 * points, spaces or apostrophes that have one meaning throughout. `fits` says how many texts may not be such numbers.
 */
export function findNotation(
  texts: readonly string[],
  decimal: Notation['decimal'] | undefined,
  fits: (misfits: number) => boolean,
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
  if (fits(lasting) && !candidates.some((notation) => misfits(notation) <= lasting))
    return { found: DURATION };
  if (first === undefined) {
    const numeric = texts.filter((text) => {
      const { text: digits } = splitUnit(text.trim());
      return DIGITS.some((known) => parseNumber(digits, { ...known, unit: '' }) !== undefined);
    });
    // Seats such as 12A look like numbers with a unit, each with its own.
    const plausible =
      units.size <= MOST_UNITS &&
      [...units.keys()].every((word) => !/^([A-Z]|st|nd|rd|th|am|pm)$/i.test(word));
    if (others.length === 0 || !plausible || !fits(texts.length - numeric.length)) return {};
    const shown = [unit, ...others].slice(0, 2).map((word) => JSON.stringify(word));
    return {
      unclear: `its numbers have different units, such as ${shown.join(' and ')}: convert them to one`,
    };
  }
  // With a comma in each of its numbers, and three digits behind it, a column has two meanings.
  const other = candidates.find(({ decimal }) => decimal !== first.decimal);
  const differs = other && texts.find((text) => parseNumber(text, first) !== parseNumber(text, other));
  if (other && differs !== undefined) {
    const [a, b] = [first, other].map((notation) => parseNumber(differs, notation));
    return {
      unclear: `${JSON.stringify(differs)} may be ${a} or ${b}: use --decimal ${first.decimal} or --decimal ${other.decimal} to say which`,
    };
  }
  return { found: first };
}

/** More units than this are no units. */
const MOST_UNITS = 5;

/** The units of texts, the most frequent one first. */
function countUnits(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const { unit } = splitUnit(text.trim());
    counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  return new Map([...counts].sort((a, b) => b[1] - a[1]));
}

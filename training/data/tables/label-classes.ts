import { canonicalText } from '../../../bundle/column-reading.ts';

/** Words for anomalous and normal rows, in lower case. */
const ANOMALOUS = [
  '1',
  'true',
  'yes',
  'y',
  't',
  'anomaly',
  'anomalous',
  'abnormal',
  'outlier',
  'o',
  'fraud',
  'fraudulent',
  'attack',
  'malicious',
  'bad',
  'faulty',
  'defect',
  'defective',
  'positive',
];
const NORMAL = [
  '0',
  'false',
  'no',
  'n',
  'f',
  'normal',
  'inlier',
  'i',
  'legitimate',
  'genuine',
  'benign',
  'good',
  'fine',
  'ok',
  'negative',
];

/** Words for normal rows that a feature hardly has: goods may be good, and a class 0. */
const LABEL_WORDS = ['normal', 'inlier', 'legitimate', 'genuine', 'benign'];

/** A value as it is compared with words: the same in any case, and for 1 and 1.0. */
export const toWord = (value: string): string => canonicalText(value.trim()).toLowerCase();

/**
 * Finds the values that `given` means: every spelling of it, such as Attack and ATTACK for attack. Values of one letter, or
 * the only two, that differ in case alone are different, and the one that is spelt like `given` is meant.
 */
export function findSpellings(values: readonly string[], given: string): string[] {
  const alike = values.filter((value) => toWord(value) === toWord(given));
  const text = given.trim();
  const exact = [text, canonicalText(text)].find((spelling) => alike.includes(spelling));
  if (alike.length === values.length) return exact === undefined ? [] : [exact];
  return exact !== undefined && text.length === 1 ? [exact] : alike;
}

/** Whether one of the values of a column tells that it is a label, however many others there are. */
export const tellNormal = (values: readonly string[]): boolean =>
  values.some((value) => LABEL_WORDS.includes(toWord(value)));

/** What the class of all other values is called where one value of many is anomalous. */
export const nameOthers = (value: string): string => `not ${value}`;

/**
 * Puts two values in the order normal, anomalous; undefined if that is not known. It is known only for words that all
 * data use in one way: −1 and 1 have both meanings in practice.
 */
export function orderClasses(
  [a, b]: readonly string[],
  anomalous: string | undefined,
): [string, string] | undefined {
  if (anomalous !== undefined) {
    const [value] = findSpellings([a, b], anomalous);
    return value === undefined ? undefined : value === a ? [b, a] : [a, b];
  }
  const [first, second] = [a, b].map(toWord);
  if (!NORMAL.includes(first) && !NORMAL.includes(second)) return undefined;
  if (ANOMALOUS.includes(first) === ANOMALOUS.includes(second)) return undefined;
  return ANOMALOUS.includes(first) ? [b, a] : [a, b];
}

/** Whether a guess of which rows are anomalous is more likely wrong than right: they would be most rows. */
export const isMajority = (anomalous: number, rows: number): boolean => 2 * anomalous > rows;

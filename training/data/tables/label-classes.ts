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
  const [first, second] = [toWord(a), toWord(b)];
  const putLast = (is: (word: string) => boolean): [string, string] | undefined =>
    is(first) === is(second) ? undefined : is(first) ? [b, a] : [a, b];
  if (anomalous !== undefined) return putLast((word) => word === toWord(anomalous));
  const known = [first, second].some((word) => NORMAL.includes(word));
  return known ? putLast((word) => ANOMALOUS.includes(word)) : undefined;
}

/** Whether a guess of which rows are anomalous is more likely wrong than right: they would be most rows. */
export const isMajority = (anomalous: number, rows: number): boolean => 2 * anomalous > rows;

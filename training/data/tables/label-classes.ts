import { canonicalText } from '../../../bundle/category-text.ts';
import { isAnomalous, isClearlyNormal, isNormal, tellsAnomalous, tellsNormal } from './class-words.ts';

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
export const tellNormal = (values: readonly string[]): boolean => values.some(isClearlyNormal);

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
  if (isAnomalous(a) !== isAnomalous(b)) {
    const [normal, word] = isAnomalous(a) ? [b, a] : [a, b];
    if (isNormal(normal)) return [normal, word];
  }
  // What is not normal has many names, such as that of an attack.
  if (isNormal(a) === isNormal(b)) return undefined;
  const [normal, word] = isNormal(a) ? [a, b] : [b, a];
  return isClearlyNormal(normal) ? [normal, word] : undefined;
}

/** Whether the words alone tell which of two values is anomalous, even if most rows have it: a mere yes does not. */
export const tellClasses = ([a, b]: readonly string[]): boolean =>
  isClearlyNormal(a) !== isClearlyNormal(b) ||
  (tellsAnomalous(a) && tellsNormal(b)) ||
  (tellsAnomalous(b) && tellsNormal(a));

/** Whether a guess of which rows are anomalous is more likely wrong than right: they would be most rows. */
export const isMajority = (anomalous: number, rows: number): boolean => 2 * anomalous > rows;
